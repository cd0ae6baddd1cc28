"""Every route of the storefront with an address that reaches it, for tests of all of them."""

from __future__ import annotations

from storefront.tests.shopper import ADDRESS, EMAIL
from storefront.tests.stubs.products import SHA, TOKEN

NUMBER = "TC-00000001"
PATHS = {
    "home": "/",
    "category": "/c/headphones/",
    "product": "/p/nordlicht-14/",
    "preview": f"/preview/{TOKEN}/",
    "products": "/products/",
    "search": "/search/?q=hall",
    "picture": f"/media/{SHA}.webp",
    "theme": "/theme/",
    "cart": "/cart/",
    "cart_add": "/cart/add/",
    "cart_change": "/cart/change/",
    "cart_remove": "/cart/remove/",
    "cart_undo": "/cart/undo/",
    "cart_accept": "/cart/accept/",
    "checkout": "/checkout/",
    "checkout_step": "/checkout/contact/",
    "checkout_review": "/checkout/review/",
    "checkout_place": "/checkout/place/",
    "look_up": "/orders/",
    "order": f"/orders/{NUMBER}/",
    "order_progress": f"/orders/{NUMBER}/progress/",
    "order_cancel": f"/orders/{NUMBER}/cancel/",
    "order_again": f"/orders/{NUMBER}/again/",
}
# What the forms of all pages send, together; an attempt and its content are known only to a test.
FIELDS = {
    **ADDRESS,
    "email": EMAIL,
    "number": NUMBER,
    "payment_token": "tok_approve",
    "sku": "TK-1",
    "quantity": "1",
    "slug": "takt-keys",
    "theme": "dark",
    "next": "/",
}
