"""What the OpenAPI description says is what the service does; see tests/described.py."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis import GenerationMode

from order_service.tests.clients import Shopper
from order_service.tests.product_stub import State
from tests.described import operations, try_out
from tests.effort import tries


@pytest.mark.django_db
@pytest.mark.parametrize(("operation", "mode"), operations("order_service"))
def test_an_operation_does_what_the_description_says(
    ada: Shopper, shop: State, operation: Any, mode: GenerationMode
) -> None:
    try_out(operation, mode, tries=tries(10, 200), headers=ada._headers({}))
