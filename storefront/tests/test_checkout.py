"""Checkout: three steps, review, and what the order desk refuses."""

from __future__ import annotations

import pytest

from storefront.checkout.models import Checkout
from storefront.tests.shopper import ADDRESS, EMAIL, Shopper
from storefront.tests.stubs.orders import OFFERS, Orders, placements
from storefront.tests.stubs.products import Catalogue
from storefront.tests.stubs.server import Stub, problem


def test_whole_purchase_with_the_forms_of_the_pages(
    careful_shopper: Shopper, order_service: Stub
) -> None:
    shopper = careful_shopper
    page = shopper.submit(shopper.open("/p/takt-keys/"), "/cart/add/", quantity=2)
    page = shopper.open("/checkout/")
    assert page.path == "/checkout/contact/"
    page = shopper.submit(page, "", email=EMAIL)
    assert page.path == "/checkout/delivery/"
    assert page.form("").fields["shipping_method"] == "standard"  # chosen beforehand
    address = {name: text for name, text in ADDRESS.items() if name != "shipping_method"}
    page = shopper.submit(page, "", **address)
    assert page.path == "/checkout/payment/"
    page = shopper.submit(page, "", payment_token="tok_approve")
    assert page.path == "/checkout/review/"
    assert "Pay €44.90" in page  # 2 x 20.00 and 4.90 for delivery
    page = shopper.pay(page)
    assert page.path == "/orders/TC-00000001/"
    assert "We have your order" in page
    assert placements(order_service) == [
        (
            str(Checkout.objects.get().attempt),
            {
                "lines": [{"sku": "TK-1", "quantity": 2, "variant_id": 5}],
                "email": EMAIL,
                "shipping_address": {name: text for name, text in address.items() if text},
                "shipping_method": "standard",
                "payment_token": "tok_approve",
                "expected_total": {"amount": "44.90", "currency": "EUR"},
            },
        )
    ]
    assert "Your cart is empty." in shopper.open("/cart/")


def test_an_accepted_form_leads_to_its_next_page_by_one_redirect(shopper: Shopper) -> None:
    pages = [shopper.open("/p/takt-keys/")]
    pages.append(shopper.submit(pages[-1], "/cart/add/", quantity=1))
    pages.append(shopper.press(pages[-1], "checkout"))
    for typed in ({"email": EMAIL}, ADDRESS, {"payment_token": "tok_approve"}):
        pages.append(shopper.submit(pages[-1], "", **typed))
    pages.append(shopper.pay(pages[-1]))

    ways = [[address for address, _ in page.response.redirect_chain] for page in pages]
    assert ways == [
        [],
        ["/cart/"],
        ["/checkout/contact/"],
        ["/checkout/delivery/"],
        ["/checkout/payment/"],
        ["/checkout/review/"],
        ["/orders/TC-00000001/"],
    ]
    assert sum(1 + len(way) for way in ways) == 13  # requests of a purchase


def test_delivery_that_is_no_longer_offered_is_chosen_again(
    shopper: Shopper, orders: Orders
) -> None:
    shopper.review()
    orders.not_offered = {"standard"}
    page = shopper.open("/checkout/review/")
    assert page.path == "/checkout/delivery/"
    assert "The delivery method you chose is no longer available." in page
    page = shopper.submit(page, "", shipping_method="express")
    assert page.path == "/checkout/review/"
    assert "Pay €29.90" in page


def test_delivery_that_is_offered_since_a_moment_is_taken(
    shopper: Shopper, order_service: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop's list of ways to ship is asked for once a minute, the cart's with every quote."""
    monkeypatch.setitem(OFFERS, "shipping-methods", OFFERS["shipping-methods"][:1])
    page = shopper.review(shipping_method="express")
    assert page.path == "/checkout/review/"
    assert "Pay €29.90" in page


def test_changed_price_is_named_before_anything_is_bought(
    shopper: Shopper, catalogue: Catalogue, orders: Orders
) -> None:
    review = shopper.review()
    catalogue.variant("TK-1").price = "25.00"
    page = shopper.pay(review)
    assert page.status == 409
    assert "The total changed from €24.90 to €29.90" in page
    assert "Takt Keys now costs €25.00 instead of €20.00." in page
    assert orders.by_number == {}
    assert "Pay €29.90" in page
    assert shopper.pay(page).path == "/orders/TC-00000001/"


def test_product_that_vanished_leads_to_the_cart(
    shopper: Shopper, catalogue: Catalogue, orders: Orders
) -> None:
    review = shopper.review()
    catalogue.variant("TK-1").vanished = True
    page = shopper.pay(review)
    assert page.path == "/cart/"
    assert "This is no longer sold." in page
    assert orders.by_number == {}


def test_review_with_a_sold_out_product_leads_to_the_cart(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    shopper.review()
    catalogue.variant("TK-1").available = 0
    assert shopper.open("/checkout/review/").path == "/cart/"


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Enter your e-mail address."),
        ("\u200b\u3164", "Enter your e-mail address."),
        ("ada", "Enter an e-mail address like name@example.org."),
        ("ada@localhost", "Enter an e-mail address like name@example.org."),
        ("ada@exam\u200bple.org", "Enter an e-mail address like name@example.org."),
        ("a\x00@example.org", "Null characters are not allowed."),
    ],
)
def test_wrong_contact_keeps_the_form(shopper: Shopper, email: str, sentence: str) -> None:
    shopper.add("TK-1")
    page = shopper.send("/checkout/contact/", email=email)
    assert page.status == 422
    assert f'<a href="#id_email">{sentence}</a>' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email_helptext id_email_error"' in page


def test_wrong_delivery_names_each_field_and_keeps_the_rest(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    wrong = {**ADDRESS, "name": "", "city": "x" * 300, "country": "XX", "shipping_method": "owl"}
    page = shopper.send("/checkout/delivery/", **wrong)
    assert page.status == 422
    assert "Please check these 4 things" in page
    for target in ("id_name", "id_city", "id_country", "id_shipping_method_0"):
        assert f'href="#{target}"' in page
    assert "Enter at most 80 characters." in page
    assert 'value="Lindenstraße 12"' in page


@pytest.mark.parametrize("name", ["line1", "postal_code", "city", "name"])
def test_nul_byte_in_an_address_is_a_form_error(shopper: Shopper, name: str) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    page = shopper.send("/checkout/delivery/", **{**ADDRESS, name: "a\x00b"})
    assert page.status == 422
    assert f'id="id_{name}_error"' in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("\u200b", "Enter your full name."),
        ("\u3164\u00ad ", "Enter your full name."),
        ("Ada \u202eecalevoL", "change the direction of text"),
        ("Ada\x1b[31m", "Leave out line breaks and control characters."),
    ],
)
def test_a_name_that_cannot_be_read_is_a_form_error(
    shopper: Shopper, typed: str, sentence: str
) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    page = shopper.send("/checkout/delivery/", **{**ADDRESS, "name": typed})
    assert page.status == 422
    assert sentence in page


def test_a_form_does_not_repeat_a_long_text(shopper: Shopper) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    usual = shopper.open("/checkout/delivery/")
    page = shopper.send("/checkout/delivery/", **{**ADDRESS, "city": '"' * 60_000})
    assert page.status == 422
    assert len(page.html) < len(usual.html) + 20_000


def test_typed_data_survives_an_outage(shopper: Shopper, order_service: Stub) -> None:
    shopper.add("TK-1")
    shopper.send("/checkout/contact/", email=EMAIL)
    order_service.fault = "dead"
    page = shopper.send("/checkout/delivery/", **ADDRESS)
    assert page.status == 503
    assert "We’ve kept your cart and everything you entered" in page
    order_service.fault = ""
    again = shopper.open("/checkout/delivery/")
    assert 'value="Ada Lovelace"' in again


def test_steps_cannot_be_skipped(shopper: Shopper) -> None:
    shopper.add("TK-1")
    for step in ("delivery", "payment", "review"):
        assert shopper.open(f"/checkout/{step}/").path == "/checkout/contact/"
    assert shopper.open("/checkout/dessert/").status == 404


def test_empty_cart_cannot_be_checked_out(shopper: Shopper) -> None:
    assert shopper.open("/checkout/contact/").path == "/cart/"


def test_field_refused_by_the_order_desk_is_shown_in_its_step(
    shopper: Shopper, orders: Orders
) -> None:
    review = shopper.review()
    error = {"pointer": "/shipping_address/postal_code", "detail": "No such code.", "code": "x"}
    orders.refuse = problem(400, "invalid", errors=[error])
    page = shopper.pay(review)
    assert page.status == 422
    assert '<a href="#id_postal_code">No such code.</a>' in page
    assert 'value="10969"' in page


def test_other_refusal_is_said_on_a_new_review_page(shopper: Shopper, orders: Orders) -> None:
    review = shopper.review()
    orders.refuse = problem(422, "something_new", detail="We cannot do that.")
    page = shopper.pay(review)
    assert page.status == 422
    assert "Nothing was ordered or charged. We cannot do that." in page
    assert "Pay €24.90" in page


def test_checkout_pages_are_not_stored_by_caches(shopper: Shopper) -> None:
    review = shopper.review()
    assert "no-store" in review.response["Cache-Control"]


def test_payment_that_the_checkout_cannot_show_is_not_offered(
    shopper: Shopper, order_service: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {"pay_here": "token", "pay_there": "redirect", "pay_later": "offline"}
    methods = [
        {"code": code, "token": "before", "name": code.upper(), "note": "", "kind": kind}
        for code, kind in kinds.items()
    ]
    monkeypatch.setitem(OFFERS, "payment-methods", methods)
    page = shopper.review()  # pays with what is not offered here
    assert page.status == 422
    assert "Choose one of the payment methods listed." in page
    assert [code for code in kinds if code.upper() in page] == ["pay_here"]
    review = shopper.send("/checkout/payment/", payment_token="pay_here")
    assert "PAY_HERE" in review
    shopper.pay(review)
    ((_, body),) = placements(order_service)
    assert body["payment_token"] == "pay_here"
