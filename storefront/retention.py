"""How long the storefront keeps what it knows of a shopper."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.models import Session

from chassis.retention import Retention, Rule
from storefront.cart.models import Cart, CartLine
from storefront.checkout.models import UNANSWERED, Checkout

RETENTION = Retention(
    "storefront",
    Rule(Session, since="expire_date"),  # SESSION_COOKIE_AGE after its last change
    Rule(Cart, since="touched_at", after=settings.CART_KEPT),
    Rule(Checkout, since="created_at", after=settings.CHECKOUT_KEPT, where=~UNANSWERED),
    # Without it the cart that it was made from would be bought again without a warning.
    Rule(Checkout, since="created_at", after=settings.CART_KEPT, where=UNANSWERED),
    kept={CartLine: "goes with its cart"},
)
