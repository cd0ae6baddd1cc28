"""How product_service answers what an order wants of the stock, as frozen types.

reserve   -> Held | Short | Committed | Released
commit    -> Committed | Expired | Short | Released
release   -> nothing: the reservation is undone for good
look_up   -> Standing
any call   raises StockUnavailable   away, and the effect is unknown: repeat later
           raises StockRefused       the request itself is wrong: a person has to look
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StockUnavailable(Exception):
    """product_service cannot be reached or has no usable answer; the effect is unknown."""


class StockRefused(Exception):
    """product_service refuses a request that ought to be right."""


@dataclass(frozen=True)
class WantedStock:
    """How many of a variant, and its SKU when it was ordered."""

    sku: str
    quantity: int
    variant_id: int | None = None  # None: placed by the release before, known by SKU alone


@dataclass(frozen=True)
class ShortLine:
    """A SKU of which there was less than an order wanted."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True)
class Held:
    """All lines are put aside for the order, until the reservation expires."""


@dataclass(frozen=True)
class Short:
    """Nothing is put aside: these lines wanted more than there is."""

    lines: tuple[ShortLine, ...]


@dataclass(frozen=True)
class Committed:
    """What was put aside is sold."""


@dataclass(frozen=True)
class Expired:
    """The reservation ran out before it was committed; it may be held anew."""


@dataclass(frozen=True)
class Released:
    """The reservation was undone for good, and everything that comes later is refused."""


class Standing(StrEnum):
    """How a reservation stands at product_service."""

    UNKNOWN = "unknown"
    HELD = "held"
    REFUSED = "refused"
    EXPIRED = "expired"
    COMMITTED = "committed"
    RELEASED = "released"
