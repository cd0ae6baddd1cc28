"""Rows about orders, money and stock, of the dashboard "Queue and workers"."""

from __future__ import annotations

from chassis.money import DECIMALS
from monitoring.grafana.expressions import NOW, quantile
from monitoring.grafana.panels import Query, Row, lines

PLACED = "sum(rate(techcommerce_orders_placed_total[5m])) * 60"
# The counter is in the smallest unit of the currency: a cent, or a whole yen.
WITHOUT_CENTS = "|".join(sorted(code for code, decimals in DECIMALS.items() if decimals == 0))
REVENUE = (
    "sum by (currency) "
    f'(increase(techcommerce_revenue_minor_total{{currency%s"{WITHOUT_CENTS}"}}[1h]))'
)
DECIDED = "techcommerce_order_decision_seconds_bucket"
ORDERS = Row(
    "Orders",
    lines(
        "Orders by state",
        "Orders in progress, and those finished in the last 24 hours. Bad: a state that fills up.",
        Query("max by (state) (techcommerce_orders)", "{{state}}"),
        alerts=("OrdersStuckUndecided",),
    ),
    lines(
        "Order flow",
        "Orders per minute: placed, and moved to each state. Bad: placed without confirmed.",
        Query(PLACED, "placed"),
        Query(
            f"sum by (to_state, reason) (rate(techcommerce_order_transitions_total{NOW})) * 60",
            "to {{to_state}} {{reason}}",
        ),
        unit="opm",
    ),
    lines(
        "Time to decision",
        "From placed to confirmed or cancelled, p50 and p95. Bad: p95 of confirmed over 60 s.",
        Query(quantile(0.5, "decision", DECIDED, "[5m]"), "{{decision}} p50"),
        Query(quantile(0.95, "decision", DECIDED, "[5m]"), "{{decision}} p95"),
        unit="s",
        alerts=("OrderDecisionBudgetBurn",),
    ),
    lines(
        "Needs attention",
        "Orders whose processing has stopped until somebody acts. Bad: any.",
        Query("max(techcommerce_orders_in_attention)", "orders"),
        levels=(1,),
        alerts=("OutboxDeadRows",),
    ),
)

MONEY_AND_STOCK = Row(
    "Money and stock",
    lines(
        "Payments",
        "Provider responses per minute. Bad: error or timeout; declined over 25 %.",
        Query(
            "sum by (provider, outcome) (rate(techcommerce_payments_total[5m])) * 60",
            "{{provider}} {{outcome}}",
        ),
        unit="opm",
        alerts=("PaymentProviderFailing", "PaymentDeclinesHigh"),
    ),
    lines(
        "Payment latency, p95",
        "Bad: over five seconds; the lease of an order is 20 s.",
        Query(
            quantile(0.95, "provider", "techcommerce_payment_seconds_bucket", "[5m]"),
            "{{provider}}",
        ),
        unit="s",
        levels=(2, 5),
        alerts=("PaymentProviderFailing",),
    ),
    lines(
        "Reservations",
        "Bad: conflict, timeout and error; insufficient means sold out.",
        Query("sum by (outcome) (rate(techcommerce_reservations_total[5m])) * 60", "{{outcome}}"),
        unit="opm",
        alerts=("ReservationFailuresHigh",),
    ),
    lines(
        "Open reservations",
        "Number of reservations, and age of the oldest in minutes. Bad: over 30 minutes.",
        Query("max(techcommerce_reservations_active)", "open"),
        Query("max(techcommerce_reservation_oldest_age_seconds) / 60", "age of the oldest"),
        alerts=("ReservationsLeaking",),
    ),
    lines(
        "Revenue per hour",
        "Confirmed orders, by currency. Bad: a day unlike the same day of last week.",
        Query(f"{REVENUE % '!~'} / 100 or {REVENUE % '=~'}", "{{currency}}"),
    ),
    lines(
        "Accounting checks",
        "Mismatches by check, and minutes since the last run. Bad: a mismatch, or over 5 minutes.",
        Query("max by (check) (techcommerce_invariant_violations)", "{{check}}"),
        Query(
            "(time() - max by (job) (techcommerce_invariant_last_run_timestamp_seconds)) / 60",
            "minutes since the last, {{job}}",
        ),
        alerts=("InvariantViolated", "InvariantCheckStale"),
    ),
)
