"""What the OpenAPI description says is what the service does; see tests/described.py."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis import GenerationMode

from product_service.tests.conftest import OrderService
from tests.described import operations, try_out
from tests.effort import tries


@pytest.mark.django_db
@pytest.mark.parametrize(("operation", "mode"), operations("product_service"))
def test_an_operation_does_what_the_description_says(
    order_service: OrderService, operation: Any, mode: GenerationMode
) -> None:
    try_out(operation, mode, tries=tries(10, 200), headers=order_service._headers)
