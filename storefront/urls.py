"""Every route of the storefront."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from chassis.ids import order_number
from storefront import shell
from storefront.cart import views as cart
from storefront.catalogue import pictures
from storefront.catalogue import views as catalogue
from storefront.checkout import submitting
from storefront.checkout import views as checkout
from storefront.orders import views as orders


class Sha256Converter(StringConverter):
    """The name of a picture: the hash of its bytes."""

    regex = "[0-9a-f]{64}"


class NumberConverter(StringConverter):
    """An order number: TC- and eight letters or digits, as people type it."""

    regex = "[A-Za-z0-9-]{4,20}"

    def to_python(self, value: str) -> str:
        return order_number(value) or value


class TokenConverter(StringConverter):
    """A signed token of product_service."""

    regex = "[A-Za-z0-9_:-]{10,200}"


register_converter(Sha256Converter, "sha256")
register_converter(TokenConverter, "token")
register_converter(NumberConverter, "number")

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("products/", catalogue.products, name="products"),
    path("c/<slug:slug>/", catalogue.category, name="category"),
    path("p/<slug:slug>/", catalogue.product, name="product"),
    path("preview/<token:token>/", catalogue.preview, name="preview"),
    path("search/", catalogue.search, name="search"),
    path("media/<sha256:sha>.webp", pictures.picture, name="picture"),
    path("theme/", shell.set_theme, name="theme"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart_add"),
    path("cart/change/", checkout.change_cart, name="cart_change"),
    path("cart/remove/", cart.remove, name="cart_remove"),
    path("cart/undo/", cart.undo, name="cart_undo"),
    path("cart/accept/", cart.accept, name="cart_accept"),
    path("checkout/", checkout.start, name="checkout"),
    path("checkout/review/", checkout.review, name="checkout_review"),
    path("checkout/place/", submitting.submit, name="checkout_place"),
    path("checkout/<slug:name>/", checkout.checkout_step, name="checkout_step"),
    path("orders/", orders.look_up, name="look_up"),
    path("orders/<number:number>/", orders.order, name="order"),
    path("orders/<number:number>/progress/", orders.order_progress, name="order_progress"),
    path("orders/<number:number>/cancel/", orders.cancel, name="order_cancel"),
    path("orders/<number:number>/again/", orders.order_again, name="order_again"),
]

handler400 = "storefront.errors.bad_request"
handler403 = "storefront.errors.csrf_failure"
handler404 = "storefront.errors.not_found"
handler500 = "storefront.errors.server_error"
