"""Amounts of money: exact, in one currency, rounded half up to the currency's own precision.

On the wire an amount is text, never a float: `{"amount": "19.90", "currency": "EUR"}`.

Our columns are numeric(12,2), so a shop sells in a currency of none or two decimals; others are
refused at start. Minor units here are those of ISO 4217. A payment provider may count in others
(Stripe counts ISK and UGX in hundredths): its gateway converts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TypedDict

from iso4217 import Currency

# By ISO 4217. Codes without decimals of their own, such as gold (XAU) or XXX, are left out.
DECIMALS = {each.code: each.exponent for each in Currency if each.exponent is not None}
SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")  # fits numeric(12,2)
CURRENCY = re.compile(r"[A-Z]{3}")


@cache
def precision(currency: str) -> Decimal:
    """The smallest amount of `currency` as a quantum: 0.01 for EUR, 1 for JPY."""
    return Decimal(1).scaleb(-DECIMALS.get(currency, 2))


def half_up(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half up (commercial rounding) to the precision of `currency`."""
    return amount.quantize(precision(currency), rounding=ROUND_HALF_UP)


class WireMoney(TypedDict):
    amount: str
    currency: str


@dataclass(frozen=True)
class Money:
    """An amount in a currency. Arithmetic across currencies raises ValueError."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Money:
        """Money of `amount`, which must already be exact; floats are refused by the type."""
        return cls(half_up(Decimal(amount), currency), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls.of(0, currency)

    @classmethod
    def from_minor_units(cls, units: int, currency: str) -> Money:
        return cls(units * precision(currency), currency)

    @classmethod
    def from_wire(cls, wire: object) -> Money:
        """Read the wire form. Raises ValueError that says what is wrong with it."""
        if not isinstance(wire, Mapping) or set(wire) != {"amount", "currency"}:
            raise ValueError('Give money as {"amount": "19.90", "currency": "EUR"}.')
        text, currency = wire["amount"], wire["currency"]
        if not isinstance(text, str):
            raise ValueError('Give the amount as text, for example "19.90".')
        if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
            raise ValueError('Give the currency as its three-letter code, for example "EUR".')
        return cls(_exact(text, currency), currency)

    def to_wire(self) -> WireMoney:
        return {"amount": str(half_up(self.amount, self.currency)), "currency": self.currency}

    def minor_units(self) -> int:
        """The amount in the currency's smallest unit, for example cents."""
        return int(half_up(self.amount, self.currency) / precision(self.currency))

    def rounded(self) -> Money:
        return Money(half_up(self.amount, self.currency), self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def written(self) -> str:
        """As people read it: €1,299.00 or ¥1,990, with the code where a currency has no sign."""
        amount = self.rounded().amount
        sign = SIGNS.get(self.currency, f"{self.currency} ")
        return f"{'−' if amount < 0 else ''}{sign}{abs(amount):,}"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of different currencies.")
        return other.amount


def _exact(text: str, currency: str) -> Decimal:
    if not AMOUNT.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an amount; write it like 19.90.")
    amount = Decimal(text)
    if amount != half_up(amount, currency):
        raise ValueError(f"The amount has more decimals than {currency} has.")
    return half_up(amount, currency)
