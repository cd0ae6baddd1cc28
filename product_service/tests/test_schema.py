"""The OpenAPI description: as checked in, as served, and true of real answers."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from product_service.catalogue.models import Option
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_category, make_image, make_product, make_value

CHECKED_IN = Path(__file__).parent.parent / "openapi.yaml"
SCHEMA: dict[str, Any] = yaml.load(CHECKED_IN.read_text(), yaml.CSafeLoader)

Key = tuple[str, str, int]


def test_the_checked_in_schema_is_what_the_code_says(tmp_path: Path) -> None:
    """If not: `make schema`, look at the difference, and commit it."""
    generated = tmp_path / "openapi.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(generated))

    assert generated.read_text() == CHECKED_IN.read_text()
    assert SCHEMA["openapi"].startswith("3.1")


def test_the_schema_is_served(client: Client) -> None:
    response = client.get("/v1/schema")

    assert response.status_code == 200
    assert yaml.load(response.content, yaml.CSafeLoader) == SCHEMA


def test_the_documentation_page_has_nothing_inline(client: Client) -> None:
    response = client.get("/v1/docs")

    page = response.content.decode()
    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert "/static/" in page


def check(path: str, method: str, status: int, media_type: str, body: Any) -> None:
    """Hold an answer against the schema that is checked in."""
    content = SCHEMA["paths"][path][method]["responses"][str(status)]["content"]
    schema = {**content[media_type]["schema"], "components": SCHEMA["components"]}
    Draft202012Validator(schema).validate(body)


@pytest.mark.django_db
def test_answers_are_what_the_schema_promises(client: Client) -> None:
    Option.objects.create(code="colour", name="Colour")
    audio = make_category("audio")
    product = make_product(slug="one", sku="ONE", category=make_category("phones", parent=audio))
    product.variants.update(options={"colour": "Black"})
    make_image(product, variant=product.variants.get())
    make_value(product, "battery", 30, unit="h", is_key_spec=True)
    make_product(slug="two", category=product.category, stock=0)
    quote = {"lines": [{"sku": "ONE", "quantity": 1}, {"sku": "NONE", "quantity": 1}]}
    json, problem = "application/json", "application/problem+json"

    for path, address in [
        ("/v1/products", "/v1/products?q=product"),
        ("/v1/products/{slug}", "/v1/products/one"),
        ("/v1/categories", "/v1/categories"),
        ("/v1/categories/{slug}", "/v1/categories/phones"),
        ("/v1/catalogue/version", "/v1/catalogue/version"),
    ]:
        check(path, "get", 200, json, client.get(address).json())
    check("/v1/products", "get", 400, problem, client.get("/v1/products?page=0").json())
    check("/v1/products/{slug}", "get", 404, problem, client.get("/v1/products/three").json())
    answer = client.post("/v1/quotes", quote, content_type=json)
    check("/v1/quotes", "post", 200, json, answer.json())


@pytest.mark.django_db
def test_reservations_answer_what_the_schema_promises(order_service: OrderService) -> None:
    make_product(sku="ONE", stock=3)
    path, json, problem = (
        "/v1/reservations/{order_id}",
        "application/json",
        "application/problem+json",
    )
    held, refused = uuid.uuid4(), uuid.uuid4()

    check(path, "put", 200, json, order_service.put(held, {"ONE": 1}).body)
    check(path, "put", 422, problem, order_service.put(held, {"ONE": 2}).body)
    check(path, "put", 409, problem, order_service.put(refused, {"ONE": 9}).body)
    check(path, "get", 200, json, order_service.get(refused).body)
    check(path + "/commit", "post", 200, json, order_service.commit(held).body)
    check(path, "delete", 200, json, order_service.delete(held).body)

    orders = [
        {"order_id": str(each), "lines": [{"sku": "ONE", "quantity": 9}]}
        for each in (uuid.uuid4(), refused)
    ]
    sets = "/v1/reservations/batch/"
    answer = order_service.call("POST", "batch/hold", {"orders": orders})
    check(f"{sets}hold", "post", 200, json, answer.body)
    for action, order_id, status in (
        ("commit", refused, 200),
        ("commit", uuid.uuid4(), 404),
        ("release", refused, 200),
    ):
        answer = order_service.call("POST", f"batch/{action}", {"order_ids": [str(order_id)]})
        kind = json if status == 200 else problem
        check(sets + action, "post", status, kind, answer.body)


@pytest.mark.django_db
def test_the_examples_work(client: Client, order_service: OrderService) -> None:
    make_product(sku="DM-HOM0192-01")

    def example(path: str, method: str) -> Any:
        content = SCHEMA["paths"][path][method]["requestBody"]["content"]["application/json"]
        (only,) = content["examples"].values()
        return only["value"]

    quote = example("/v1/quotes", "post")
    assert client.post("/v1/quotes", quote, content_type="application/json").status_code == 200
    body = example("/v1/reservations/{order_id}", "put")
    assert order_service.put_body(uuid.uuid4(), body).status == 200
