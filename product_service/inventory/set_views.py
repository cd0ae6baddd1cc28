"""The reservations of many orders in one call and one transaction, for order_service alone.

Each order has an outcome of its own, the one that a call for it alone would have had; so a repeat
in another company answers each the same. A call that names an order twice, or that cannot be
understood, changes nothing at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from chassis.auth import scope
from chassis.errors import DomainError, FieldError, Invalid, NotFound
from chassis.json_view import JsonView
from product_service.described import operation
from product_service.inventory import actions
from product_service.inventory.actions import Outcome
from product_service.inventory.errors import AmbiguousSku, OutOfStock, UnknownOrders
from product_service.inventory.models import Reservation
from product_service.inventory.reservations import Wanted, Wish
from product_service.inventory.views import actor_of, merged
from product_service.shapes import (
    LINES_OF_A_SET,
    OrderIds,
    OrderOutcome,
    OrderOutcomes,
    OrdersToReserve,
    WantedLine,
)

ORDERS, ORDER_IDS = "/orders/{}/order_id", "/order_ids/{}"
STATUSES = (401, 403, 413, 415)
HELD: OrderOutcomes = {
    "outcomes": [
        {"order_id": "0198c5f2-6a4e-7c1d-9b7a-5d2f1c3e4a5b", "state": "held"},
        {
            "order_id": "0198c5f2-6a4e-7c1d-9b7a-5d2f1c3e4a5c",
            "error": "out_of_stock",
            "short": [{"sku": "DM-HOM0192-01", "wanted": 2, "available": 1}],
        },
    ]
}


class ReserveSetView(JsonView):
    permission_classes = [scope("reservations")]

    @operation(
        *("reserve_set", OrderOutcomes, *STATUSES, 422),
        request=OrdersToReserve,
        examples=[OpenApiExample("one held, one short", value=HELD, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Reserve for many orders, the lines of each all or none. Safe to repeat."""
        asked = OrdersToReserve.read(request.data).orders
        order_ids = [each.order_id for each in asked]
        _assert_each_once(order_ids, ORDERS)
        if sum(len(each.lines) for each in asked) > LINES_OF_A_SET:
            detail = f"Ensure all orders together have no more than {LINES_OF_A_SET} lines."
            raise _refusal(Invalid, [FieldError("/orders", detail, "max_length")])
        wishes = [
            Wish(each.order_id, _merged(place, each.lines), timedelta(seconds=each.ttl_seconds))
            for place, each in enumerate(asked)
        ]
        return _answer(order_ids, actions.reserve(wishes, actor=actor_of(request)))


class CommitSetView(JsonView):
    permission_classes = [scope("reservations")]

    @operation("commit_set", OrderOutcomes, *STATUSES, 404, request=OrderIds)
    def post(self, request: Request) -> Response:
        """Commit the reservations of many orders; if one is unknown, of none. Safe to repeat."""
        try:
            return _work_on_ids(request, actions.commit)
        except UnknownOrders as error:
            raise _refusal(
                NotFound, _at(ORDER_IDS, error.places, str(error), "not_found")
            ) from error


class ReleaseSetView(JsonView):
    permission_classes = [scope("reservations")]

    @operation("release_set", OrderOutcomes, *STATUSES, request=OrderIds)
    def post(self, request: Request) -> Response:
        """Release the reservations of many orders for good, unknown ones too. Safe to repeat."""
        return _work_on_ids(request, actions.release)


def _work_on_ids(request: Request, action: Callable[..., list[Outcome]]) -> Response:
    order_ids = OrderIds.read(request.data).order_ids
    _assert_each_once(order_ids, ORDER_IDS)
    return _answer(order_ids, action(order_ids, actor=actor_of(request)))


def _assert_each_once(order_ids: Sequence[uuid.UUID], pointer: str) -> None:
    repeated = [place for place, one in enumerate(order_ids) if one in order_ids[:place]]
    if repeated:
        raise _refusal(Invalid, _at(pointer, repeated, "Name each order once.", "repeated"))


def _merged(place: int, lines: Sequence[WantedLine]) -> list[Wanted]:
    try:
        return merged(lines)
    except AmbiguousSku as error:
        wrong = [FieldError(f"/orders/{place}/lines", error.detail, error.code)]
        raise _refusal(AmbiguousSku, wrong) from error


def _at(pointer: str, places: Iterable[int], detail: str, code: str) -> list[FieldError]:
    return [FieldError(pointer.format(place), detail, code) for place in places]


def _refusal(kind: type[DomainError], errors: Sequence[FieldError]) -> DomainError:
    return kind("Nothing was changed; see errors.", errors=errors)


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
