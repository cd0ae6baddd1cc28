"""The OpenAPI description: as checked in, as served, and exactly true of real answers."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from order_service.orders.states import Reason, State
from order_service.tests import product_stub
from order_service.tests.clients import Shopper
from order_service.tests.factories import make_order

CHECKED_IN = Path(__file__).parents[2] / "openapi.yaml"
SCHEMA: dict[str, Any] = yaml.load(CHECKED_IN.read_text(), yaml.CSafeLoader)
JSON, PROBLEM = "application/json", "application/problem+json"


def exact(schema: dict[str, Any]) -> dict[str, Any]:
    """The components, closed: a field that the description does not name is an error."""
    components: dict[str, Any] = copy.deepcopy(schema["components"])
    for name, component in components["schemas"].items():
        if component.get("type") == "object" and not name.startswith("Problem"):
            component.setdefault("additionalProperties", False)
    return components


def check(path: str, method: str, response: Any) -> None:
    """Hold an answer against the description of its operation and status."""
    media_type = response["Content-Type"].partition(";")[0]
    described = SCHEMA["paths"][path][method]["responses"][str(response.status_code)]
    schema = {**described["content"][media_type]["schema"], "components": exact(SCHEMA)}
    Draft202012Validator(schema).validate(response.json())


def test_the_checked_in_schema_is_what_the_code_says(tmp_path: Path) -> None:
    """If not: `make schema`, look at the difference, and commit it."""
    generated = tmp_path / "openapi.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(generated))

    assert generated.read_text() == CHECKED_IN.read_text()
    assert SCHEMA["openapi"].startswith("3.1")


def test_the_schema_is_served_and_not_sent_twice(client: Client) -> None:
    response = client.get("/v1/schema")

    assert response.content == CHECKED_IN.read_bytes()
    again = client.get("/v1/schema", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_documentation_page_has_nothing_inline(client: Client) -> None:
    response = client.get("/v1/docs")

    page = response.content.decode()
    assert response.status_code == 200
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    for inline in ("<style", " style=", "<script>", " onload="):
        assert inline not in page
    assert 'data-schema="/v1/schema"' in page


@pytest.mark.django_db
def test_answers_are_exactly_what_the_schema_promises(
    ada: Shopper, bob: Shopper, shop: product_stub.State
) -> None:
    cart = {"lines": [{"sku": "KETTLE-1", "quantity": 1}, {"sku": "NONE", "quantity": 1}]}
    check("/v1/quotes", "post", ada.post("/v1/quotes", cart))
    check("/v1/quotes", "post", ada.post("/v1/quotes", {}))
    placed = ada.place()
    check("/v1/orders", "post", placed)
    check("/v1/orders", "post", ada.place(lines=[]))
    check("/v1/orders", "post", ada.place(lines=cart["lines"]))
    cheaper = {"amount": "1.00", "currency": "EUR"}
    check("/v1/orders", "post", ada.place(expected_total=cheaper))
    check("/v1/orders", "get", ada.get("/v1/orders"))
    check("/v1/orders", "get", ada.get("/v1/orders?cursor=x"))
    check("/v1/orders/{number}", "get", ada.get(placed["Location"]))
    check("/v1/orders/{number}", "get", bob.get(placed["Location"]))
    check("/v1/orders/{number}/cancel", "post", ada.post(placed["Location"] + "/cancel"))
    check("/v1/orders/{number}/cancel", "post", ada.post(placed["Location"] + "/cancel"))
    for path in ("/v1/shipping-methods", "/v1/payment-methods", "/v1/countries"):
        check(path, "get", ada.get(path))
        check(path, "get", Client().get(path))
        check(path, "get", Shopper("guest:ada", scope="").get(path))
    number = placed.json()["number"]
    for email in ("ada@example.org", "eve@example.org", "x"):
        looked_up = ada.post("/v1/orders/lookup", {"number": number, "email": email})
        check("/v1/orders/lookup", "post", looked_up)


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(State))
def test_an_order_in_any_state_is_as_described(ada: Shopper, state: State) -> None:
    short = [{"sku": "KETTLE-1", "wanted": 2, "available": 1}]
    is_over = state in (State.CANCELLING, State.CANCELLED)
    more: dict[str, Any] = {"reason": Reason.OUT_OF_STOCK, "short": short} if is_over else {}
    order = make_order(state, **more)

    check("/v1/orders/{number}", "get", ada.get(f"/v1/orders/{order.number}"))


@pytest.mark.django_db
def test_the_examples_work(ada: Shopper, shop: product_stub.State) -> None:
    shop.products["DM-HOM0192-01"] = product_stub.Product()
    sent = 0
    for path, operations in SCHEMA["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
            for example in content.get("examples", {}).values():
                response = ada.post(path, example["value"], **{"Idempotency-Key": "example"})
                assert response.status_code in (200, 202, 404), (path, method, response.content)
                sent += 1
    assert sent == 3


def test_each_operation_with_a_body_has_an_example_and_each_one_needs_a_token() -> None:
    for path, operations in SCHEMA["paths"].items():
        for method, operation in operations.items():
            assert operation["security"] == [{"serviceToken": []}], (method, path)
            if "requestBody" in operation:
                assert operation["requestBody"]["content"][JSON]["examples"], (method, path)
