"""The reservations of orders, for order_service alone."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from rest_framework.request import Request
from rest_framework.response import Response

from chassis.auth import caller_of, scope
from chassis.errors import NotFound
from chassis.json_view import JsonView
from product_service.described import operation, two_of_one
from product_service.inventory import actions, reservations
from product_service.inventory.actions import Outcome
from product_service.inventory.errors import AmbiguousSku, UnknownOrders
from product_service.inventory.models import Reservation, State
from product_service.inventory.reservations import Wanted, Wish
from product_service.shapes import ReservationAnswer, WantedLine, WantedReservation


class ReservationView(JsonView):
    """The stock that an order holds, by order id."""

    permission_classes = [scope("reservations")]

    @operation(
        *("reserve", ReservationAnswer, 401, 403, 404, 409, 413, 415, 422),
        request=WantedReservation,
        examples=[two_of_one(ttl_seconds=1800)],
    )
    def put(self, request: Request, order_id: uuid.UUID) -> Response:
        """Reserve all lines or none. A repeat gets the first answer; a 409 says why not."""
        asked = WantedReservation.read(request.data)
        wish = Wish(order_id, merged(asked.lines), timedelta(seconds=asked.ttl_seconds))
        return _answer(actions.reserve([wish], actor=actor_of(request)))

    @operation("get_reservation", ReservationAnswer, 401, 403, 404)
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        """Get the reservation of an order."""
        return Response(_wire(reservations.found(order_id)))

    @operation("release", ReservationAnswer, 401, 403, 404)
    def delete(self, request: Request, order_id: uuid.UUID) -> Response:
        """Release a reservation for good, even a committed one or one not yet made."""
        return _answer(actions.release([order_id], actor=actor_of(request)))


class CommitView(JsonView):
    permission_classes = [scope("reservations")]

    @operation("commit", ReservationAnswer, 401, 403, 404, 409, request=None)
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Commit a reservation: its stock counts as sold. Safe to repeat."""
        try:
            return _answer(actions.commit([order_id], actor=actor_of(request)))
        except UnknownOrders as error:
            raise NotFound(str(error)) from error


def _answer(outcomes: Sequence[Outcome]) -> Response:
    """The answer for one order."""
    (outcome,) = outcomes
    if isinstance(outcome, Reservation):
        return Response(_wire(outcome))
    raise outcome


def actor_of(request: Request) -> str:
    return f"service:{caller_of(request).issuer}"[:80]


def merged(lines: Sequence[WantedLine]) -> list[Wanted]:
    """Lines of one SKU as one. Raises AmbiguousSku: in a reservation it stands for one variant."""
    merged: Counter[tuple[str, int | None]] = Counter()
    for line in lines:
        merged[line.sku, line.variant_id] += line.quantity
    if len({sku for sku, _ in merged}) < len(merged):
        raise AmbiguousSku("Lines of one SKU name different variants.")
    return [Wanted(sku, quantity, variant_id) for (sku, variant_id), quantity in merged.items()]


def _wire(reservation: Reservation) -> ReservationAnswer:
    lines = sorted(reservation.known_lines, key=lambda line: line.sku)
    wire: ReservationAnswer = {
        "order_id": str(reservation.order_id),
        "state": reservation.state,
        "expires_at": reservation.expires_at.isoformat().replace("+00:00", "Z"),
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in lines],
    }
    if reservation.state == State.REFUSED:
        wire["short"] = reservations.short_lines(reservation)
    return wire
