"""Template filters in the shop's words, and `url`, which every template has from here."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.timezone import localtime

from chassis.money import Money

register = template.Library()

STOCK_WORDS = {"in_stock": "In stock", "low": "Only a few left", "sold_out": "Sold out"}
STATE_WORDS = {
    "confirmed": "Confirmed",
    "cancelled": "Cancelled",
    "cancelling": "Being cancelled",
    "awaiting_shopper": "Waiting for your bank",
}


@register.simple_tag(name="url")
def url_of(view: str, *arguments: str) -> str:
    """As Django's own, for arguments by place. A page has thirty, and they are always the same."""
    return _kept_url(get_script_prefix(), view, *arguments)


@lru_cache(maxsize=2048)
def _kept_url(prefix: str, view: str, *arguments: str) -> str:
    return reverse(view, args=arguments)


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
    return STOCK_WORDS.get(availability, "Ask us")


@register.filter
def clock(value: datetime) -> str:
    """14:05 CET, in the shop's zone. Django's `date` leaves it out when an hour comes twice."""
    return f"{localtime(value):%H:%M %Z}"


@register.filter
def state_word(state: str) -> str:
    """An order's state in one or two words."""
    return STATE_WORDS.get(state, "In progress")
