"""The check that holds the stand-ins to the services' contracts can fail (it runs in each test)."""

from __future__ import annotations

import dataclasses

from storefront.tests.shopper import Shopper
from storefront.tests.stubs.contract import breaches
from storefront.tests.stubs.server import Reply, Stub


def test_an_answer_of_another_shape_is_found(shopper: Shopper, order_service: Stub) -> None:
    shopper.add("TK-1")
    request, reply = order_service.exchanges[-1]
    changed = {**reply.body, "total": 20.0}
    assert breaches("order_service", request, reply) == ()
    assert breaches("order_service", request, Reply(200, changed)) != ()


def test_a_request_of_another_shape_is_found(shopper: Shopper, order_service: Stub) -> None:
    shopper.add("TK-1")
    request, reply = order_service.exchanges[-1]
    for change in ({"json": {"lines": "TK-1"}}, {"path": "/v2/quotes"}, {"params": {"x": "1"}}):
        assert breaches("order_service", dataclasses.replace(request, **change), reply) != ()


def test_an_undocumented_status_is_found(shopper: Shopper, order_service: Stub) -> None:
    shopper.add("TK-1")
    request, reply = order_service.exchanges[-1]
    assert breaches("order_service", request, dataclasses.replace(reply, status=299)) != ()
