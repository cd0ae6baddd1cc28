"""Fields that several shapes have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, WrapValidator

from chassis.money import Money, WireMoney
from chassis.shapes import MONEY, Rule, WireTime, matching, one_of
from order_service.orders.states import State

# Shapes alone: whether the shop offers them is a question of its own (pricing.offers).
CountryCode = Annotated[str, matching(r"^[A-Z]{2}", "This is not a country's code.", max_length=2)]
Method = Annotated[
    str,
    matching(r"^[a-z0-9][a-z0-9_-]*", "This is not the code of a shipping method.", max_length=20),
]


def _time(at: datetime) -> str:
    """RFC 3339 in UTC, for example 2026-11-24T09:30:00.123Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Of answers: read from Money, a datetime and a Decimal.
Amount = Annotated[WireMoney, Rule(Money.to_wire, MONEY)]
Time = Annotated[WireTime, BeforeValidator(_time)]
Rate = Annotated[str, BeforeValidator(lambda share: f"{share.normalize():f}")]
# What was stored as JSON is answered as it is, and so is a reason or a payment status that only a
# later release knows.
AS_IT_IS = WrapValidator(lambda value, read: value)
StateName = Annotated[str, one_of(dict(State.choices)), AS_IT_IS]
