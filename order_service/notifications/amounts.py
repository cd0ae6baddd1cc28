"""Amounts of money as the mails show them."""

from __future__ import annotations

from decimal import Decimal

from chassis.money import Money

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


def shown(amount: Decimal, currency: str) -> str:
    """As people read it: €1,234.50, and 1,234.50 CHF where there is no sign."""
    wire = Money(amount, currency).rounded().amount
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{wire:,}" if symbol else f"{wire:,} {currency}"
