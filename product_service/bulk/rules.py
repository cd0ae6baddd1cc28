"""How a price changes: by a percentage or an amount, then to an ending such as .99.

    19.90  +5 %            20.895    20.90   rounded half up to the currency's smallest unit
    19.90  +5 %   to .99   20.90     20.99   the nearest amount that ends so,
    20.49  none   to .99             20.99   the higher one if two are as near,
     0.40  none   to .00              1.00   and never zero

Half up (commercial rounding) is the rule of `chassis.money` for all prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings

from chassis.money import DECIMALS, Money, half_up

PERCENT, AMOUNT = "percent", "amount"
ENDINGS = {"": Decimal(0), "99": Decimal("0.99"), "00": Decimal("0.00")}
MOST = Decimal("9999999999.99")  # numeric(12,2)


@dataclass(frozen=True)
class PriceRule:
    """`by` is negative for lower prices; `ending` is "" (none), "99" or "00"."""

    way: str
    by: Decimal
    ending: str = ""

    @classmethod
    def of(cls, kept: dict[str, Any]) -> PriceRule:
        return cls(kept["way"], Decimal(kept["by"]), kept["ending"])

    def kept(self) -> dict[str, str]:
        """As JSON keeps it."""
        return {"way": self.way, "by": str(self.by), "ending": self.ending}

    def new(self, amount: Decimal) -> Decimal:
        """The new price, which may be one that `refusal` does not allow."""
        exact = amount * (100 + self.by) / 100 if self.way == PERCENT else amount + self.by
        price = half_up(exact, settings.STORE_CURRENCY)
        return self._ended(price) if self.ending and price > 0 else price

    def sentence(self) -> str:
        """`+5 %, to the nearest .99`."""
        sign = "−" if self.by < 0 else "+"
        size = abs(self.by)
        by = f"{size.normalize():f} %"
        if self.way == AMOUNT:
            by = Money.of(size, settings.STORE_CURRENCY).written()
        return f"{sign}{by}" + (f", to the nearest .{self.ending}" if self.ending else "")

    def _ended(self, price: Decimal) -> Decimal:
        cents = ENDINGS[self.ending]
        whole = (price - cents).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        least = Decimal(0) if cents else Decimal(1)
        return max(whole, least) + cents


def refusal(before: Decimal, after: Decimal) -> str:
    """Why the price cannot become that: "" (it can), "not_positive" or "too_high"."""
    if after < 0 or (after == 0 and before > 0):
        return "not_positive"
    return "too_high" if after > MOST else ""


def has_endings() -> bool:
    """A currency without decimals has no prices that end in .99."""
    return bool(DECIMALS[settings.STORE_CURRENCY])
