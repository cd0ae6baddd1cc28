"""order_service as far as the storefront uses it: orders that a test moves from state to state."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from decimal import Decimal
from typing import Any

from storefront.tests.stubs.products import CURRENCY, Catalogue, money
from storefront.tests.stubs.server import Reply, Request, Stub, problem

PLACED_AT = "2026-11-24T09:30:00.000Z"
PAGE_SIZE = 20
CANCELLABLE = {"placed", "reserved", "awaiting_shopper", "authorized"}
SHIPPING = {
    "standard": ("Standard", "4.90", "2 to 4 working days"),
    "express": ("Express", "9.90", "next working day"),
}

OFFERS: dict[str, list[dict[str, Any]]] = {
    "shipping-methods": [
        {
            "code": code,
            "name": name,
            "estimate": estimate,
            "price": money(price),
            "free_from": money("50.00") if code == "standard" else None,
        }
        for code, (name, price, estimate) in SHIPPING.items()
    ],
    "payment-methods": [
        {"code": code, "token": code, "name": name, "note": note, "kind": "token"}
        for code, name, note in (
            ("tok_approve", "Test card", "Always approved."),
            ("tok_decline", "Declined card", "Always declined."),
        )
    ],
    "countries": [{"code": "DE", "name": "Germany"}, {"code": "AT", "name": "Austria"}],
}


def link_token(number: str) -> str:
    """43 characters of base64url, as in a mailed link."""
    digest = hashlib.sha256(number.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def placements(order_service: Stub) -> list[tuple[str, Any]]:
    """Key and body of every POST /v1/orders that went over the wire."""
    return [
        (one.headers["Idempotency-Key"], one.json)
        for one in order_service.requests
        if (one.method, one.path) == ("POST", "/v1/orders")
    ]


class Orders:
    """The stub's state. `refuse` is the reply of the next placement; `by_number` has the orders."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.by_number: dict[str, dict[str, Any]] = {}
        self.subjects: dict[str, str] = {}
        self.keys: dict[str, tuple[str, str]] = {}
        self.refuse: Reply | None = None
        self.not_offered: set[str] = set()  # shipping methods that were switched off
        self.ended: set[str] = set()  # tokens of links that have ended
        self.mailed: list[str] = []  # numbers of orders whose link was mailed
        self._numbers = itertools.count(1)

    def answer(self, request: Request) -> Reply:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return problem(401, "not_authenticated")
        parts = request.path.strip("/").split("/")
        match (request.method, parts):
            case ("POST", ["v1", "quotes"]):
                refusal = self.catalogue.refusal_of(request.json["lines"])
                return refusal or Reply(body=self._quote(request.json))
            case ("POST", ["v1", "orders"]):
                return self._place(request)
            case ("POST", ["v1", "orders", "lookup"]):
                return self._look_up(request.json)
            case ("GET", ["v1", "orders"]):
                return self._list(request)
            case ("GET", ["v1", "orders", number]) if self._may_see(number, request):
                return Reply(body=self.by_number[number])
            case ("POST", ["v1", "orders", number, "cancel"]) if self._may_see(number, request):
                return self._cancel(number)
            case _:
                return self._offer(request, parts[-1])

    def _list(self, request: Request) -> Reply:
        """Newest first; a cursor is how many orders come before its page."""
        mine = [o for n, o in self.by_number.items() if self._may_see(n, request)][::-1]
        cursor = request.params.get("cursor", "0")
        if not cursor.isascii() or not cursor.isdecimal():
            error = {"pointer": "/cursor", "detail": "Not ours.", "code": "invalid_cursor"}
            return problem(400, "invalid_parameter", errors=[error])
        end = int(cursor) + PAGE_SIZE
        return Reply(
            body={
                "items": mine[int(cursor) : end],
                "next": str(end) if end < len(mine) else None,
            }
        )

    def _offer(self, request: Request, name: str) -> Reply:
        if request.headers.get("Order-Token") in self.ended:
            return problem(410, "link_ended")
        return Reply(body={"items": OFFERS[name]}) if name in OFFERS else problem(404, "not_found")

    def move(self, number: str, state: str, **changes: Any) -> None:
        """The order reaches `state` a second later."""
        order = self.by_number[number]
        second = len(order["timeline"])
        order["timeline"].append({"state": state, "at": f"2026-11-24T09:30:{second:02}.000Z"})
        paid = {"authorized": "authorized", "confirmed": "paid"}
        order["payment_status"] = paid.get(state, order["payment_status"])
        order.update(
            state=state,
            terminal=state in {"confirmed", "cancelled"},
            allowed_actions=["cancel"] if state in CANCELLABLE else [],
            queue=None,
            **changes,
        )

    def _may_see(self, number: str, request: Request) -> bool:
        if number not in self.by_number:
            return False
        token = self.by_number[number]["token"]
        return (
            request.headers.get("Order-Token") == token and token not in self.ended
        ) or self._subject(request) == self.subjects.get(number)

    def _subject(self, request: Request) -> str:
        """The `sub` of the token; its signature is order_service's business."""
        payload = request.headers["Authorization"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])

    def _quote(self, body: dict[str, Any]) -> dict[str, Any]:
        lines = []
        subtotal = Decimal(0)
        for wanted in body["lines"]:
            line = self.catalogue.quote_line(**wanted)
            price = line["unit_price"]
            total = Decimal(price["amount"]) * wanted["quantity"] if price else None
            subtotal += total or 0
            line |= {"line_total": money(str(total)) if price else None, "tax_rate": "0.19"}
            lines.append(line)
        code = body.get("shipping_method")
        code = None if code in self.not_offered else code
        free = subtotal >= 50
        prices = {
            name: "0.00" if name == "standard" and free else price
            for name, (_, price, _) in SHIPPING.items()
        }
        total = subtotal + (Decimal(prices[code]) if code else 0)
        return {
            "currency": CURRENCY,
            "lines": lines,
            "subtotal": money(f"{subtotal:.2f}"),
            "shipping_methods": [
                {"code": name, "name": title, "price": money(prices[name]), "estimate": estimate}
                for name, (title, _, estimate) in SHIPPING.items()
                if name not in self.not_offered
            ],
            "shipping_method": code,
            "shipping": money(prices[code]) if code else None,
            "tax": money(f"{total - total / Decimal('1.19'):.2f}"),
            "total": money(f"{total:.2f}"),
            "prices_include_tax": True,
        }

    def _place(self, request: Request) -> Reply:
        if self.refuse is not None:
            refusal, self.refuse = self.refuse, None
            return refusal
        if refused := self.catalogue.refusal_of(request.json["lines"]):
            return refused
        key, body = request.headers["Idempotency-Key"], request.json
        content = json.dumps(body, sort_keys=True)
        if key in self.keys:
            known_content, number = self.keys[key]
            if known_content != content:
                return problem(422, "idempotency_key_reused", order_number=number)
            replayed = {"Idempotent-Replayed": "true"}
            return Reply(202, self.by_number[number], replayed)
        quote = self._quote({"lines": body["lines"], "shipping_method": body["shipping_method"]})
        for index, line in enumerate(quote["lines"]):
            if line["status"] == "unavailable":
                error = {"pointer": f"/lines/{index}/sku", "detail": "Gone.", "code": "invalid"}
                return problem(422, "line_unavailable", errors=[error])
        if quote["total"] != body["expected_total"]:
            return problem(
                409,
                "price_changed",
                expected_total=body["expected_total"],
                total=quote["total"],
            )
        number = f"TC-{next(self._numbers):08}"
        self.keys[key] = (content, number)
        self.subjects[number] = self._subject(request)
        self.by_number[number] = self._order(number, body, quote)
        return Reply(202, self.by_number[number], {"Location": f"/v1/orders/{number}"})

    def _order(self, number: str, body: dict[str, Any], quote: dict[str, Any]) -> dict[str, Any]:
        kept = (
            "sku",
            "variant_id",
            "name",
            "options",
            "image",
            "quantity",
            "unit_price",
            "tax_rate",
            "line_total",
        )
        return {
            "number": number,
            "state": "placed",
            "reason": None,
            "terminal": False,
            "placed_at": PLACED_AT,
            "updated_at": PLACED_AT,
            "email": body["email"],
            "currency": CURRENCY,
            "lines": [{name: line[name] for name in kept} for line in quote["lines"]],
            "subtotal": quote["subtotal"],
            "shipping_method": {
                "code": body["shipping_method"],
                "name": SHIPPING[body["shipping_method"]][0],
            },
            "shipping": quote["shipping"],
            "tax": quote["tax"],
            "total": quote["total"],
            "shipping_address": {"line2": "", **body["shipping_address"]},
            "note": body.get("note", ""),
            "payment_status": "pending",
            "fulfilment_status": "unfulfilled",
            "timeline": [{"state": "placed", "at": PLACED_AT}],
            "short": [],
            "allowed_actions": ["cancel"],
            "confirm_url": None,
            "queue": {"position": 3, "expected_wait_seconds": 4},
            "token": link_token(number),
        }

    def _cancel(self, number: str) -> Reply:
        if self.by_number[number]["state"] not in CANCELLABLE:
            return problem(409, "cancel_not_allowed", detail="It is too late to cancel.")
        self.move(number, "cancelling")
        return Reply(202, self.by_number[number])

    def _look_up(self, body: dict[str, Any]) -> Reply:
        order = self.by_number.get(body["number"])
        if order is None or order["email"] != body["email"]:
            return problem(404, "not_found")
        if order["token"] in self.ended:
            self.mailed.append(order["number"])
            return Reply(202, {"number": order["number"], "token": None})
        return Reply(body={"number": order["number"], "token": order["token"]})
