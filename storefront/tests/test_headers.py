"""What every answer carries, errors included: policy, headers, cookies, no inline anything."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver

from storefront import errors
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.products import TOKEN

POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}
PAGES = [
    "/",
    "/c/laptops/",
    "/c/none/",
    "/p/nordlicht-14/",
    "/p/none/",
    "/products/",
    f"/preview/{TOKEN}/",
    "/search/",
    "/search/?q=hall",
    "/search/?q=%00",
    "/c/laptops/?page=x",
    "/media/" + "0" * 64 + ".webp",
    "/theme/",
    "/cart/",
    "/cart/add/",
    "/cart/change/",
    "/cart/remove/",
    "/cart/undo/",
    "/cart/accept/",
    "/checkout/",
    "/checkout/contact/",
    "/checkout/delivery/",
    "/checkout/review/",
    "/checkout/place/",
    "/orders/",
    "/orders/TC-00000000/",
    "/orders/TC-00000000/progress/",
    "/orders/TC-00000000/cancel/",
    "/orders/TC-00000000/again/",
    "/nothing/here",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_answer_is_hardened(shopper: Shopper, path: str, method: str) -> None:
    response = getattr(shopper.client, method)(path)
    assert response.status_code < 500
    given = {part.strip() for part in response["Content-Security-Policy"].split(";")}
    assert given >= POLICY
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Request-ID"]


def test_the_list_above_names_every_route() -> None:
    names = {pattern.name for pattern in get_resolver().url_patterns if hasattr(pattern, "name")}
    reached = {get_resolver().resolve(path.partition("?")[0]).url_name for path in PAGES[:-1]}
    assert reached == names


def test_nothing_is_inline(shopper: Shopper) -> None:
    shopper.review()
    for path in PAGES:
        html = shopper.open(path).html
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), path
        assert not re.search(r"(src|href)=\"https?://", html), path


def test_missing_csrf_token_has_a_page_in_our_look(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/cart/add/", {"sku": "TK-1"})
    assert response.status_code == 403
    assert "Please reload the page and try again" in response.content.decode()
    assert "Content-Security-Policy" in response


def test_bug_gives_a_page_with_the_request_id(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("storefront.catalogue.reading.listing", broken)
    client = Client(raise_request_exception=False)
    response = client.get("/", headers={"X-Request-ID": "click-0815-abcdef"})
    html = response.content.decode()
    assert response.status_code == 500
    assert "Something went wrong on our side" in html
    assert "click-0815-abcdef" in html
    assert "a bug" not in html
    assert response["X-Request-ID"] == "click-0815-abcdef"
    assert "Content-Security-Policy" in response


@pytest.mark.parametrize("path", ["/cart/add/", "/checkout/place/", "/theme/"])
def test_address_of_a_form_opened_as_a_page_says_so(shopper: Shopper, path: str) -> None:
    page = shopper.open(path)
    assert page.status == 405
    assert page.response["Allow"] == "POST"
    assert "There is no page at this address" in page
    assert 'href="/cart/"' in page


def test_unknown_host_is_refused_in_our_look(shopper: Shopper) -> None:
    response = shopper.client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "We couldn’t read that request" in response.content.decode()


def test_oversized_form_is_refused(shopper: Shopper) -> None:
    assert shopper.send("/cart/add/", sku="x" * 70_000).status == 413


def test_bad_request_page_needs_no_service() -> None:
    response = errors.bad_request(RequestFactory().get("/"))
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("theme", "html"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')]
)
def test_theme_is_kept_and_rendered_by_the_server(
    careful_shopper: Shopper, theme: str, html: str
) -> None:
    page = careful_shopper.open("/search/?q=hall")
    assert 'data-theme="system"' in page
    page = careful_shopper.submit(page, "/theme/", theme=theme)
    assert page.response.redirect_chain == [("/search/?q=hall", 303)]
    assert html in page
    assert html in careful_shopper.open("/cart/")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "", "javascript:1"])
def test_theme_never_leads_elsewhere(shopper: Shopper, target: str) -> None:
    response = shopper.client.post("/theme/", {"theme": "dark", "next": target})
    assert response["Location"] == "/"


def test_theme_chosen_on_the_answer_to_a_form_leads_back_to_its_page(shopper: Shopper) -> None:
    shopper.add("TK-1")
    wrong = {"sku": "TK-1", "quantity": "0"}
    cart = "http://testserver/cart/"
    page = shopper.client.post("/cart/change/", wrong, headers={"Referer": cart})
    assert page.status_code == 422
    assert f'name="next" value="{cart}"' in page.content.decode()
    response = shopper.client.post("/theme/", {"theme": "dark", "next": cart})
    assert response["Location"] == cart


def test_unknown_theme_changes_nothing(shopper: Shopper) -> None:
    response = shopper.client.post("/theme/", {"theme": "pink", "next": "/"})
    assert "storefront_theme" not in response.cookies
