"""What the API documentation of both services orders is in the demo shop, at that price."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from product_service.demo.generator import products

ROOT = Path(__file__).parents[3]
STANDARD_DELIVERY = Decimal("4.90")
SOLD = {
    variant.sku: variant
    for product in products()
    if product.is_published
    for variant in product.variants
}


def examples(service: str) -> Iterator[dict[str, Any]]:
    """The body of each example in the description of a service."""
    schema = yaml.load((ROOT / service / "openapi.yaml").read_text(), yaml.CSafeLoader)
    for operations in schema["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            for media in content.values():
                yield from (each["value"] for each in media.get("examples", {}).values())


@pytest.mark.parametrize("service", ["product_service", "order_service"])
def test_examples_order_what_the_demo_shop_sells(service: str) -> None:
    bodies = [body for body in examples(service) if "lines" in body]
    assert bodies
    for body in bodies:
        for line in body["lines"]:
            assert SOLD[line["sku"]].stock >= line["quantity"]
        if "expected_total" in body:
            goods = sum(SOLD[line["sku"]].price * line["quantity"] for line in body["lines"])
            assert Decimal(body["expected_total"]["amount"]) == goods + STANDARD_DELIVERY
