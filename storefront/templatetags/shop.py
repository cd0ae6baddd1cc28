"""Template filters in the shop's words."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.timezone import localtime

from chassis.money import Money

register = template.Library()


@register.filter
def money(value: Money | None) -> str:
    """€1,299.00; the code where a currency has no symbol of its own."""
    return "" if value is None else value.written()


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
    """14:05 CET, in the zone of the shop: that of a shopper is not known here."""
    return f"{localtime(value):%H:%M %Z}" if value else ""


@register.filter
def day(value: datetime) -> str:
    """24 November 2026, in the zone of the shop."""
    local = localtime(value)
    return f"{local.day} {local:%B %Y}"


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
