"""Our client and its stub against what product_service promises in its openapi.yaml."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator

from order_service.clients import stock
from order_service.clients.product_service import Wanted
from order_service.clients.quotes import fetch_quote
from order_service.clients.staff import fetch_session, redeem_code
from order_service.clients.stock import Short, ShortLine, Standing, StockRefused, StockUnavailable
from order_service.tests.product_stub import Product, ProductStub, State, problem
from order_service.tests.staff.arriving import SESSION, SESSIONS, knows_sam

PROVIDER = Path(__file__).parents[3] / "product_service" / "openapi.yaml"
SCHEMA: dict[str, Any] = yaml.load(PROVIDER.read_text(), yaml.CSafeLoader)
RESERVATION = "/v1/reservations/{order_id}"
ORDER = uuid.UUID("01990000-0000-7000-8000-000000000001")
LINES = (Wanted("KETTLE-1", 2),)
SHORT = [{"sku": "KETTLE-1", "wanted": 2, "available": 1}]


def validate(schema: dict[str, Any], body: Any) -> None:
    Draft202012Validator({**schema, "components": SCHEMA["components"]}).validate(body)


def validate_call(path: str, method: str, sent: Any, response: requests.Response) -> None:
    """Both directions of a call are what the provider describes."""
    operation = SCHEMA["paths"][path][method]
    if sent is not None:
        validate(operation["requestBody"]["content"]["application/json"]["schema"], sent)
    described = operation["responses"][str(response.status_code)]["content"]
    validate(described[response.headers["Content-Type"]]["schema"], response.json())


def test_the_stub_quotes_as_product_service_does(product_server: ProductStub, shop: State) -> None:
    shop.products["OLD-1"] = Product(status="unavailable", name="Old", available=0)
    shop.products["LAST-1"] = Product(status="less_left", available=1)
    skus = ["KETTLE-1", "OLD-1", "LAST-1", "NONE"]
    fetch_quote([Wanted(sku, 2) for sku in skus])

    ((_, path, sent),) = shop.calls
    response = requests.post(product_server.url + path, json=sent, timeout=5)
    validate_call("/v1/quotes", "post", sent, response)


def test_the_stub_reserves_as_product_service_does(
    product_server: ProductStub, shop: State
) -> None:
    address = f"{product_server.url}/v1/reservations/{ORDER}"
    stock.reserve(ORDER, LINES, 1800)
    ((method, path, sent),) = shop.calls
    assert (method, path) == ("PUT", f"/v1/reservations/{ORDER}")

    validate_call(RESERVATION, "put", sent, requests.put(address, json=sent, timeout=5))
    commit = requests.post(f"{address}/commit", timeout=5)
    validate_call(f"{RESERVATION}/commit", "post", None, commit)
    validate_call(RESERVATION, "delete", None, requests.delete(address, timeout=5))
    validate_call(RESERVATION, "put", sent, requests.put(address, json=sent, timeout=5))
    again = requests.post(f"{address}/commit", timeout=5)
    validate_call(f"{RESERVATION}/commit", "post", None, again)


def test_stock_calls_carry_a_token_for_reservations(shop: State) -> None:
    stock.reserve(ORDER, LINES, 1800)
    fetch_quote([Wanted("KETTLE-1", 1)])

    reserve, quote = shop.headers
    assert reserve["Authorization"].startswith("Bearer ey")
    assert "Authorization" not in quote


def test_a_reservation_is_held_sold_and_given_back(shop: State) -> None:
    assert stock.reserve(ORDER, LINES, 1800) == Standing.HELD
    assert stock.commit(ORDER) == Standing.COMMITTED
    stock.release(ORDER)
    assert stock.reserve(ORDER, LINES, 1800) == Standing.RELEASED
    assert shop.calls[0][2] == {
        "lines": [{"sku": "KETTLE-1", "quantity": 2}],
        "ttl_seconds": 1800,
    }


def test_short_lines_are_told(shop: State) -> None:
    shop.short = SHORT

    assert stock.reserve(ORDER, LINES, 1800) == Short((ShortLine("KETTLE-1", 2, 1),))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {"state": "committed"}), Standing.COMMITTED),
        ((409, problem(409, "reservation_expired")), Standing.EXPIRED),
        ((409, problem(409, "out_of_stock", short=SHORT)), Short((ShortLine("KETTLE-1", 2, 1),))),
        ((409, problem(409, "reservation_released")), Standing.RELEASED),
    ],
)
def test_how_a_commit_can_end(shop: State, answer: tuple[int, Any], outcome: object) -> None:
    shop.answers["/v1/reservations"] = answer

    assert stock.commit(ORDER) == outcome


@pytest.mark.parametrize("standing", [each for each in Standing if each != Standing.UNKNOWN])
def test_how_a_reservation_can_stand(shop: State, standing: Standing) -> None:
    shop.answers["/v1/reservations"] = (200, {"state": str(standing)})

    assert stock.look_up(ORDER) == standing


def test_a_reservation_that_was_never_made_is_unknown(shop: State) -> None:
    shop.answers["/v1/reservations"] = (404, problem(404, "not_found"))

    assert stock.look_up(ORDER) == Standing.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, problem(500, "internal_error")), StockUnavailable),
        ((503, problem(503, "unavailable")), StockUnavailable),
        ((401, problem(401, "invalid_token")), StockUnavailable),
        ((403, problem(403, "forbidden")), StockUnavailable),
        ((200, b"<html>"), StockUnavailable),
        ((200, {}), StockUnavailable),
        ((200, {"state": "vanished"}), StockUnavailable),
        ((400, problem(400, "invalid")), StockRefused),
        ((422, problem(422, "fingerprint_mismatch")), StockRefused),
        ((409, problem(409, "something_new")), StockRefused),
    ],
)
@pytest.mark.parametrize("call", ["reserve", "commit", "release", "look_up"])
def test_outages_and_refusals_are_told_apart(
    shop: State, call: str, answer: tuple[int, Any], error: type[Exception]
) -> None:
    shop.answers["/v1/reservations"] = answer
    calls: dict[str, Callable[[], object]] = {
        "reserve": lambda: stock.reserve(ORDER, LINES, 1800),
        "commit": lambda: stock.commit(ORDER),
        "release": lambda: stock.release(ORDER),
        "look_up": lambda: stock.look_up(ORDER),
    }

    with pytest.raises(error):
        calls[call]()


def test_nobody_there_is_an_outage(shop_is_away: None) -> None:
    with pytest.raises(StockUnavailable):
        stock.reserve(ORDER, LINES, 1800)


def test_sign_ins_are_asked_and_answered_as_product_service_does(
    product_server: ProductStub, shop: State
) -> None:
    knows_sam(shop)
    redeem_code("the code", "the secret")
    fetch_session(SESSION)

    (_, _, sent), _ = shop.calls
    address = f"{product_server.url}{SESSIONS}"
    redeemed = requests.post(address, json=sent, timeout=5)
    validate_call(SESSIONS, "post", sent, redeemed)
    found = requests.get(f"{address}/{SESSION}", timeout=5)
    validate_call(f"{SESSIONS}/{{handle}}", "get", None, found)
