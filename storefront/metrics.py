"""Counters: the steps of shoppers towards an order, and what came of pressing the pay button."""

from __future__ import annotations

import re

from django.http import HttpRequest
from prometheus_client import Counter

from chassis.http import Refused

STEPS = ("product_view", "cart_add", "checkout_start", "order_submit")
OUTCOMES = (
    *("accepted", "invalid", "out_of_stock", "price_changed"),
    *("upstream_error", "timeout", "error"),
)
# User agents that say they are programs; others cannot be told from browsers.
PROGRAMS = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python|^$", re.IGNORECASE)

FUNNEL = Counter(
    "techcommerce_funnel_total", "Steps of shoppers towards an order, without bots.", ["step"]
)
CHECKOUT = Counter("techcommerce_checkout_total", "Presses of the pay button.", ["outcome"])

REFUSALS = {
    "price_changed": "price_changed",
    "in_flight": "timeout",
    "idempotency_key_reused": "accepted",  # by an earlier press
    "unknown_sku": "out_of_stock",
    "line_unavailable": "out_of_stock",
}


def step(request: HttpRequest, name: str) -> None:
    """A shopper took the step `name`; a HEAD is no visit."""
    if request.method != "HEAD" and not PROGRAMS.search(request.headers.get("User-Agent", "")):
        FUNNEL.labels(name).inc()


def checkout(outcome: str) -> None:
    CHECKOUT.labels(outcome).inc()


def refused(refusal: Refused, *, is_explained: bool) -> str:
    """The outcome of a refusal; one that blames no field of the shopper's is an error of ours."""
    return REFUSALS.get(refusal.code, "invalid" if is_explained else "error")


for _step in STEPS:
    FUNNEL.labels(_step)
for _outcome in OUTCOMES:
    CHECKOUT.labels(_outcome)
