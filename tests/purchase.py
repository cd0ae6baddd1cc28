"""A whole purchase through the storefront's forms: the fewest requests that place an order.

A new visitor without JavaScript for each purchase, who knows where the forms are: no redirect is
followed and no page is loaded but the review, whose form says what is placed.

    add, contact, delivery, payment      POST, each answered by a redirect
    review                               GET
    place                                POST, answered by a redirect to the order
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from tests.faults import goods
from tests.faults.client import Answer, Client

REQUESTS = 6
CSRF = "b" * 32  # cookie and form must say the same
LAST_FORM = re.compile(r'action="/checkout/place/".*?</form>', re.DOTALL)
HIDDEN = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')
NUMBER = re.compile(r"/orders/(TC-[^/]+)/")


class NotPlaced(Exception):
    """A step was not answered as it is when everything is well."""


@dataclass(frozen=True)
class Placed:
    number: str
    seconds: Mapping[str, float]  # by step, from request to answer


async def buy(client: Client, sku: str, *, email: str) -> Placed:
    """Buy one piece over a connection that may be kept from before. Raises NotPlaced, NoAnswer."""
    visit = _Visit(client)
    await visit.post("add", "/cart/add/", sku=sku, slug=sku.lower(), quantity="1")
    await visit.post("contact", "/checkout/contact/", email=email)
    delivery = {**goods.ADDRESS, "shipping_method": "standard"}
    await visit.post("delivery", "/checkout/delivery/", **delivery)
    await visit.post("payment", "/checkout/payment/", payment_token="tok_approve")
    review = await visit.get("review", "/checkout/review/")
    form = LAST_FORM.search(review.content.decode())
    if form is None:
        raise NotPlaced("review: the page has no form that places the order")
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(form[0])}
    last = await visit.post("place", "/checkout/place/", **hidden)
    number = NUMBER.search(last.headers["location"])
    if number is None:
        raise NotPlaced(f"place: it led to {last.headers['location']}")
    return Placed(number[1], visit.seconds)


class _Visit:
    """A browser that has just been opened."""

    def __init__(self, client: Client) -> None:
        self.seconds: dict[str, float] = {}
        self._client = client
        self._cookies = {"storefront_csrf": CSRF}

    async def get(self, step: str, path: str) -> Answer:
        answer = await self._client.request("GET", path, headers=self._cookie_header())
        return self._take(step, answer, 200)

    async def post(self, step: str, path: str, **fields: str) -> Answer:
        form = {**fields, "csrfmiddlewaretoken": CSRF}
        headers = self._cookie_header()
        answer = await self._client.request("POST", path, form=form, headers=headers)
        return self._take(step, answer, 302, 303)

    def _cookie_header(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _take(self, step: str, answer: Answer, *statuses: int) -> Answer:
        if answer.status not in statuses:
            raise NotPlaced(f"{step}: answered {answer.status}")
        self.seconds[step] = answer.seconds
        self._cookies = {
            name: value for name, value in {**self._cookies, **answer.cookies}.items() if value
        }
        return answer
