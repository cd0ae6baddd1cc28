"""A small product_service over real HTTP: the transport is real, only the shop behind it is not.

Its answers are validated against product_service/openapi.yaml by tests/api/test_contract.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

IMAGE = {"url": "/media/0a1b.webp", "alt": "A kettle", "width": 600, "height": 600, "sizes": []}
SHORT = [{"sku": "KETTLE-1", "wanted": 1, "available": 0}]


@dataclass
class Product:
    """One variant that the stub sells; `name` None: never heard of."""

    price: str = "19.90"
    name: str | None = "Kettle"
    status: str = "ok"
    available: int = 99
    variant_id: int | None = None
    tax_class: str = "standard"


@dataclass
class State:
    """What the stub knows and what it was asked; a test may change it at any time."""

    products: dict[str, Product] = field(default_factory=lambda: {"KETTLE-1": Product()})
    currency: str = "EUR"
    reservations: dict[str, str] = field(default_factory=dict)  # order id -> state
    sold_out: set[str] = field(default_factory=set)  # SKUs of which nothing is left
    short: list[dict[str, Any]] = field(default_factory=list)  # not empty: refuse to reserve
    refused: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # order id -> short
    knows_sets: bool = True  # False: as a pod of the previous version
    knows_variants: bool = True  # False: as a pod of the previous version
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)  # path -> forced answer
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


class ProductStub(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = State()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running() -> Iterator[ProductStub]:
    server = ProductStub()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ProductStub
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 5

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base names it)
        """Quiet."""

    def _handle(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body: Any = json.loads(content) if content else None
        state = self.server.state
        state.calls.append((self.command, self.path, body))
        state.headers.append(dict(self.headers))
        for path, answer in state.answers.items():
            if self.path.startswith(path):
                self._send(*answer)
                return
        if not state.knows_variants and "variant_id" in str(body):
            field = {"pointer": "/lines/0/variant_id", "detail": "", "code": "unknown_field"}
            self._send(400, problem(400, "validation_failed", errors=[field]))
        elif self.path == "/v1/quotes":
            self._send(200, quote(state, body["lines"]))
        else:
            self._send(*_reservation(state, self.command, self.path, body))

    def _send(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/problem+json" if status >= 400 else "application/json"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def quote(state: State, wanted: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer of POST /v1/quotes."""
    return {"currency": state.currency, "lines": [_quote_line(state, line) for line in wanted]}


def _quote_line(state: State, wanted: dict[str, Any]) -> dict[str, Any]:
    sku = _sku_now(state, wanted)
    product = state.products.get(sku)
    known = product is not None and product.name is not None
    priced = known and product is not None and product.status != "unavailable"
    return {
        "sku": sku,
        "variant_id": product.variant_id if product else wanted.get("variant_id"),
        "quantity": wanted["quantity"],
        "status": product.status if product else "unavailable",
        "available": product.available if product else 0,
        "name": product.name if product else None,
        "options": {"colour": "Steel"} if known else {},
        "product_slug": "kettle" if known else None,
        "image": IMAGE if known else None,
        "unit_price": {"amount": product.price, "currency": state.currency}
        if priced and product
        else None,
        "tax_class": product.tax_class if product else "standard",
    }


def _sku_now(state: State, wanted: dict[str, Any]) -> str:
    """The SKU of the variant that is wanted; as it is asked for where no id is given."""
    named = wanted.get("variant_id")
    found = (sku for sku, one in state.products.items() if named and one.variant_id == named)
    return str(next(found, wanted["sku"]))


def problem(status: int, code: str, **extra: Any) -> dict[str, Any]:
    return {
        "type": f"/errors/{code}",
        "title": code,
        "status": status,
        "detail": code,
        "instance": "/",
        "code": code,
        "request_id": "stub",
        "errors": [],
        **extra,
    }


def _reservation(state: State, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    order_id = path.split("/")[3]
    if order_id == "batch":
        return _reservations(state, path.split("/")[4], body)
    held = state.reservations.get(order_id)
    if method == "DELETE":
        return 200, _stands(state, order_id, "released", [])
    if method == "PUT":
        return _reserve(state, order_id, held, body)
    if held is None:
        return 404, problem(404, "not_found")
    if method == "GET":
        return 200, _stands(state, order_id, held, [])
    if held == "refused":
        return 409, problem(409, "out_of_stock", short=state.refused[order_id])
    if held not in ("held", "committed"):
        return 409, problem(409, f"reservation_{held}")
    return 200, _stands(state, order_id, "committed", [])


def _reservations(state: State, action: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Many orders in one call: each is answered as it would be alone."""
    if not state.knows_sets:
        return 404, problem(404, "not_found")
    orders = body.get("orders") or [{"order_id": each} for each in body["order_ids"]]
    method = {"hold": "PUT", "commit": "POST", "release": "DELETE"}[action]
    outcomes = []
    for order in orders:
        order_id = order["order_id"]
        status, answer = _reservation(state, method, f"/v1/reservations/{order_id}", order)
        if status == 404:
            return 404, problem(404, "not_found")
        names = ("state",) if status == 200 else ("code", "short")
        told = {name.replace("code", "error"): answer[name] for name in names if name in answer}
        outcomes.append({"order_id": order_id, **told})
    return 200, {"outcomes": outcomes}


def _reserve(
    state: State, order_id: str, held: str | None, body: Any
) -> tuple[int, dict[str, Any]]:
    if held == "released":
        return 409, problem(409, "reservation_released")
    if held == "committed":
        return 200, _stands(state, order_id, "committed", body["lines"])
    wanted = {line["sku"] for line in body["lines"]}
    if held == "refused" or state.short or wanted & state.sold_out:
        state.reservations[order_id] = "refused"
        short = state.refused.setdefault(order_id, state.short or SHORT)
        return 409, problem(409, "out_of_stock", short=short)
    return 200, _stands(state, order_id, "held", body["lines"])


def _stands(state: State, order_id: str, standing: str, lines: list[Any]) -> dict[str, Any]:
    state.reservations[order_id] = standing
    return {
        "order_id": order_id,
        "state": standing,
        "expires_at": "2026-11-24T12:00:00Z",
        "lines": lines,
    }
