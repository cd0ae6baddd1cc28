#!/usr/bin/env python3
"""Buys one product through the storefront's pages and waits until the order is confirmed.

    smoke.py http://127.0.0.1:30000 [--seconds 60] [--payment tok_approve] [--product /p/lamp/]
             [--behind https://shop.example.org]

A shopper without JavaScript: cookies, forms with their hidden fields, the three steps of the
checkout, the status page. A page that is away for a moment is asked for again; nothing that was
sent is sent twice, except the order itself, whose form carries its own key. Needs only Python.
With --behind it asks as the proxy in front of the shop does that serves this public address: by its
name, saying its scheme, with cookies that are for HTTPS alone.

Exit code: 0 confirmed; 1 not, and the last line says at which step and what the page said.
"""

from __future__ import annotations

import argparse
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar, DefaultCookiePolicy

EMAIL = "smoke-test@example.org"
ADDRESS = {
    "name": "Smoke Test",
    "line1": "Lindenstrasse 12",
    "postal_code": "10969",
    "city": "Berlin",
}
CONFIRMED = "your order is confirmed"
LOST = ("order cancelled", "declined", "sold out")  # headings of orders that ended without a sale
AWAY = {502, 503, 504}
PAUSE_SECONDS = 1.0
PAGE_SECONDS = 15.0


class NotSold(Exception):
    """The shop did not sell, with the reason."""


@dataclass
class Form:
    """A form of a page: where it is sent, its fields as they stand, and what may be chosen."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    is_disabled: bool = False

    def offer(self, name: str, value: str, *, is_chosen: bool) -> None:
        self.offered.setdefault(name, []).append(value)
        if is_chosen:
            self.fields[name] = value


class Page(HTMLParser):
    """What a shopper sees of an answer: heading, links, forms."""

    def __init__(self, html: str, url: str = "", status: int = 200) -> None:
        super().__init__()
        self.url, self.status = url, status
        self.heading = ""
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None  # the one whose parts are read
        self._in_heading = False
        self._select = ""
        self.feed(html)

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path

    def links_to(self, start: str) -> list[str]:
        return [link for link in self.links if link.startswith(start)]

    def form(self, action: str) -> Form | None:
        """The form that is sent to `action`; an empty action is the page's own address."""
        return next((form for form in self.forms if (form.action or self.path) == action), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "h1":
            self._in_heading = True
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif self._form:
            self._part_of_form(self._form, tag, given)

    def _part_of_form(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button" and "disabled" in given:
            form.is_disabled = True
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.offer(self._select, value, is_chosen="selected" in given)
        elif tag == "input" and given.get("type") in {"radio", "checkbox"}:
            form.offer(name, value, is_chosen="checked" in given)
        elif tag == "input" and name:
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._in_heading = False
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self.heading = f"{self.heading} {data}".strip()


class Shopper:
    """One guest with a cookie jar and some patience."""

    def __init__(self, shop: str, *, seconds: float, public: str = "") -> None:
        self.shop = shop.rstrip("/")
        self._until = time.monotonic() + seconds
        kept = ("http", "https", "wss") if public else ("https", "wss")
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=kept))
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self._public = (public or self.shop).rstrip("/")
        self._as_proxy: dict[str, str] = {}
        if public:
            address = urllib.parse.urlsplit(public)
            self._as_proxy = {"Host": address.netloc, "X-Forwarded-Proto": address.scheme}
        self._path = "/"

    def buy(self, *, product: str, payment: str) -> str:
        """The number of the confirmed order. Raises NotSold."""
        page = self._submit(self._find_product(product), "/cart/add/", {"quantity": "1"})
        if page.path != "/cart/":
            raise NotSold(f"putting it into the cart: {said(page)}")
        for step, typed in (
            ("contact", {"email": EMAIL}),
            ("delivery", ADDRESS),
            ("payment", {"payment_token": payment}),
        ):
            page = self._checkout(step, typed)
        number = self._pay(page)
        self._wait_until_confirmed(number)
        return number

    def _find_product(self, wanted: str) -> Page:
        """The page of the wanted product, or of the first on the front page that can be bought."""
        candidates = [wanted] if wanted else self._products()
        for link in candidates:
            page = self._open(link)
            form = page.form("/cart/add/")
            if form and not form.is_disabled:
                return page
        raise NotSold(f"choosing a product: none of {len(candidates)} can be bought")

    def _products(self) -> list[str]:
        """Links of the front page; a shop that has just started may show none for a moment."""
        while True:
            links = list(dict.fromkeys(self._open("/").links_to("/p/")))
            if links or self._is_late():
                return links
            time.sleep(PAUSE_SECONDS)

    def _checkout(self, step: str, typed: dict[str, str]) -> Page:
        path = f"/checkout/{step}/"
        page = self._open(path)
        form = page.form(path)
        if form is None:
            raise NotSold(f"checkout, {step}: {said(page)}")
        for name, value in typed.items():
            if value not in form.offered.get(name, [value]):
                offered = ", ".join(form.offered[name])
                raise NotSold(f"checkout, {step}: {value} is not offered, but {offered}")
        page = self._submit(page, path, typed)
        if page.path == path:
            raise NotSold(f"checkout, {step}: the shop refused what was typed ({said(page)})")
        return page

    def _pay(self, page: Page) -> str:
        """Press the pay button, again while the shop is still checking; the order's number."""
        while page.form("/checkout/place/"):
            page = self._submit(page, "/checkout/place/", {})
            if page.path.startswith("/orders/"):
                return page.path.strip("/").rpartition("/")[2]
            if self._is_late():
                break
            time.sleep(PAUSE_SECONDS)
        raise NotSold(f"placing the order: {said(page)}")

    def _wait_until_confirmed(self, number: str) -> None:
        while True:
            page = self._open(f"/orders/{number}/")
            heading = page.heading.lower()
            if CONFIRMED in heading:
                return
            if any(words in heading for words in LOST) or self._is_late():
                raise NotSold(f"order {number} is not confirmed: {said(page)}")
            time.sleep(PAUSE_SECONDS)

    def _open(self, path: str) -> Page:
        """GET, again while the page is away for a moment."""
        while True:
            page = self._ask(path)
            if page.status not in AWAY or self._is_late():
                break
            time.sleep(PAUSE_SECONDS)
        if page.status != 200:
            raise NotSold(f"GET {path}: {said(page)}")
        return page

    def _submit(self, page: Page, action: str, typed: dict[str, str]) -> Page:
        form = page.form(action)
        if form is None:
            raise NotSold(f"POST {action}: the page has no such form ({said(page)})")
        return self._ask(action, {**form.fields, **typed})

    def _ask(self, path: str, fields: dict[str, str] | None = None) -> Page:
        """One request, redirects followed; no answer at all becomes a page of status 503."""
        url = urllib.parse.urljoin(f"{self.shop}/", path)
        content = None if fields is None else urllib.parse.urlencode(fields).encode()
        headers = {"Referer": self._public + self._path, **self._as_proxy}
        request = urllib.request.Request(url, content, headers)  # noqa: S310
        try:
            with self._browser.open(request, timeout=PAGE_SECONDS) as answer:
                page = Page(answer.read().decode("utf-8", "replace"), answer.url, answer.status)
        except urllib.error.HTTPError as error:
            page = Page(error.read().decode("utf-8", "replace"), error.url or url, error.code)
        except (OSError, HTTPException) as error:
            page = Page("", url, 503)
            page.heading = f"no answer, {getattr(error, 'reason', error)}"
            return page
        self._path = page.path
        return page

    def _is_late(self) -> bool:
        return time.monotonic() > self._until


def said(page: Page) -> str:
    return f"{page.status} {page.path} says: {page.heading or 'nothing'}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Buys one product and waits for its confirmation.")
    parser.add_argument("shop", help="address of the storefront")
    parser.add_argument("--seconds", type=float, default=60.0, help="patience in all (60)")
    parser.add_argument("--payment", default="tok_approve", help="token to pay with (tok_approve)")
    parser.add_argument("--product", default="", help="path of a product; else the first for sale")
    parser.add_argument("--behind", default="", metavar="URL", help="the shop's public address")
    chosen = parser.parse_args()
    began = time.monotonic()
    try:
        shopper = Shopper(chosen.shop, seconds=chosen.seconds, public=chosen.behind)
        number = shopper.buy(product=chosen.product, payment=chosen.payment)
    except NotSold as reason:
        print(reason)
        return 1
    print(f"order {number} confirmed after {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
