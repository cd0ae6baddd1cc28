"""Template filters in the shop's words."""

from __future__ import annotations

from datetime import datetime

from django import template

from chassis.money import Money, half_up

register = template.Library()

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF ", "JPY": "¥"}


@register.filter
def money(value: Money | None) -> str:
    """€1,299.00; the code where a currency has no symbol of its own."""
    if value is None:
        return ""
    symbol = SYMBOLS.get(value.currency, f"{value.currency} ")
    amount = half_up(value.amount, value.currency)
    return f"{'−' if amount < 0 else ''}{symbol}{abs(amount):,}"


@register.filter
def fee(value: Money | None) -> str:
    """A price of a service: Free where it costs nothing."""
    return "Free" if value is not None and value.amount == 0 else money(value)


@register.filter
def stock_word(availability: str) -> str:
    return {"in_stock": "In stock", "low": "Only a few left", "sold_out": "Sold out"}.get(
        availability, "Ask us"
    )


@register.filter
def clock(value: datetime | None) -> str:
    """14:05 UTC; a shop without accounts does not know the shopper's time zone."""
    return f"{value:%H:%M} UTC" if value else ""


@register.filter
def day(value: datetime) -> str:
    """24 November 2026"""
    return f"{value.day} {value:%B %Y}"


@register.filter
def state_word(state: str) -> str:
    """An order's state in one or two words."""
    words = {
        "confirmed": "Confirmed",
        "cancelled": "Cancelled",
        "cancelling": "Being cancelled",
        "awaiting_shopper": "Waiting for your bank",
    }
    return words.get(state, "In progress")
