"""The reservations of many orders in one call and one transaction, for order_service alone.

Each order has an outcome of its own, the one that a call for it alone would have had; so a repeat
in another company answers each the same. A call that names an order twice, or that cannot be
understood, changes nothing at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from rest_framework.request import Request
from rest_framework.response import Response

from chassis.auth import scope
from chassis.errors import FieldError, Invalid
from chassis.json_view import JsonView
from product_service.described import operation
from product_service.inventory import actions
from product_service.inventory.actions import Outcome
from product_service.inventory.errors import OutOfStock, UnknownOrders
from product_service.inventory.models import Reservation
from product_service.inventory.reservations import Wish
from product_service.inventory.views import actor_of, merged
from product_service.shapes import (
    OrderIds,
    OrderOutcome,
    OrderOutcomes,
    OrdersToReserve,
)

POINTER = "/order_ids/{}"
STATUSES = (401, 403, 413, 415)


class ReserveSetView(JsonView):
    permission_classes = [scope("reservations")]

    @operation("reserve_set", OrderOutcomes, *STATUSES, 422, request=OrdersToReserve)
    def post(self, request: Request) -> Response:
        """Reserve for many orders, the lines of each all or none. Safe to repeat."""
        asked = OrdersToReserve.read(request.data).orders
        order_ids = [each.order_id for each in asked]
        _assert_each_once(order_ids, "/orders/{}/order_id")
        wishes = [
            Wish(each.order_id, merged(each.lines), timedelta(seconds=each.ttl_seconds))
            for each in asked
        ]
        return _answer(order_ids, actions.reserve(wishes, actor=actor_of(request)))


class CommitSetView(JsonView):
    permission_classes = [scope("reservations")]

    @operation("commit_set", OrderOutcomes, *STATUSES, request=OrderIds)
    def post(self, request: Request) -> Response:
        """Commit the reservations of many orders. Safe to repeat."""
        try:
            return _work_on_ids(request, actions.commit)
        except UnknownOrders as error:
            raise _invalid(POINTER, error.places, error.detail, error.code) from error


class ReleaseSetView(JsonView):
    permission_classes = [scope("reservations")]

    @operation("release_set", OrderOutcomes, *STATUSES, request=OrderIds)
    def post(self, request: Request) -> Response:
        """Release the reservations of many orders for good. Safe to repeat."""
        return _work_on_ids(request, actions.release)


def _work_on_ids(request: Request, action: Callable[..., list[Outcome]]) -> Response:
    order_ids = OrderIds.read(request.data).order_ids
    _assert_each_once(order_ids, POINTER)
    return _answer(order_ids, action(order_ids, actor=actor_of(request)))


def _assert_each_once(order_ids: Sequence[uuid.UUID], pointer: str) -> None:
    repeated = [place for place, one in enumerate(order_ids) if one in order_ids[:place]]
    if repeated:
        raise _invalid(pointer, repeated, "Name each order once.", "repeated")


def _invalid(pointer: str, places: Sequence[int], detail: str, code: str) -> Invalid:
    errors = [FieldError(pointer.format(place), detail, code) for place in places]
    return Invalid("Nothing was changed; see errors.", errors=errors)


def _answer(order_ids: Sequence[uuid.UUID], outcomes: Sequence[Outcome]) -> Response:
    answer: OrderOutcomes = {
        "outcomes": [_wire(*each) for each in zip(order_ids, outcomes, strict=True)]
    }
    return Response(answer)


def _wire(order_id: uuid.UUID, outcome: Outcome) -> OrderOutcome:
    if isinstance(outcome, Reservation):
        return {"order_id": str(order_id), "state": outcome.state}
    wire: OrderOutcome = {"order_id": str(order_id), "error": outcome.code}
    if isinstance(outcome, OutOfStock):
        wire["short"] = list(outcome.short)
    return wire
