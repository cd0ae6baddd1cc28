"""Why a reservation or an adjustment is refused. Repeating the call gives the same answer.

OutOfStock            409 out_of_stock          a line is short; `short` names which
ReservationReleased   409 reservation_released  undone before; final
ReservationExpired    409 reservation_expired   not committed in time; put it again
FingerprintMismatch   422 fingerprint_mismatch  the same order id with other lines
StockDisagrees        409 stock_disagrees       the stock has not what a reservation holds or sold
AmbiguousSku          422 ambiguous_sku         lines of one SKU are of two variants
StockIsReserved       409 stock_is_reserved     an adjustment would take what orders hold
StockHasChanged       409 stock_has_changed     a count was compared with another stock
"""

from __future__ import annotations

from collections.abc import Sequence

from chassis.errors import Conflict, Unprocessable
from product_service.shapes import ShortLine


class UnknownOrders(LookupError):
    """No reservation has these order ids; `places` are theirs in the call. A view says it as
    NotFound."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__("No reservation has this order id.")
        self.places = places


class OutOfStock(Conflict):
    """At least one line is short, so nothing was reserved. `short` lists these lines and what is
    left; put the reservation with fewer pieces or without them."""

    code, title = "out_of_stock", "Not enough in stock"

    def __init__(self, short: Sequence[ShortLine]) -> None:
        super().__init__("Nothing was reserved; `short` names the lines.", extra={"short": short})
        self.short = short


class ReservationReleased(Conflict):
    """The reservation was released earlier, which is final. Reserve under a new order id."""

    code, title = "reservation_released", "The reservation was released"


class ReservationExpired(Conflict):
    """The reservation was not committed in time. Put it again, then commit it."""

    code, title = "reservation_expired", "The reservation expired"


class FingerprintMismatch(Unprocessable):
    """This order id already holds a reservation with different lines. Repeat the original lines,
    or use a new order id."""

    code, title = "fingerprint_mismatch", "The order id is in use with different lines"


class StockDisagrees(Conflict):
    """The stock has less than this reservation holds, so the books are wrong. Compare both in the
    back office and correct the stock, then repeat the call."""

    code, title = "stock_disagrees", "The stock and the reservation disagree"


class AmbiguousSku(Unprocessable):
    """Lines of one SKU name different variants. Give each variant its own SKU."""

    code, title = "ambiguous_sku", "One SKU stands for different variants"


class StockIsReserved(Conflict):
    """Orders hold more pieces than the adjustment would leave. Take fewer away, or wait until they
    have shipped or were cancelled."""

    code, title = "stock_is_reserved", "Orders hold more than would be left"


class StockHasChanged(Conflict):
    """The stock has changed since it was counted. Compare the count with the new stock, then send
    it again."""

    code, title = "stock_has_changed", "The stock has changed since it was compared"
