"""Rows about what services lean on and what shoppers do, of the dashboard "Services"."""

from __future__ import annotations

from monitoring.grafana.expressions import NOW, OF_JOB, RESPONSES, quantile
from monitoring.grafana.panels import Query, lines, row

UPSTREAM = "techcommerce_upstream_request_seconds"
DATABASE = "django_db_query_duration_seconds_bucket"
FAILED = 'outcome=~"5xx|timeout|connect|open"'


CALLS = f"sum by (job, upstream) (rate({UPSTREAM}_count{NOW}))"
FAILED_CALLS = f"sum by (job, upstream) (rate({UPSTREAM}_count{{{FAILED}}}{NOW}))"
UPSTREAMS = row(
    "Calls to other services",
    lines(
        "Calls by outcome",
        "Measured by the caller. Bad: timeout, connect, open (refused by the breaker), 5xx.",
        Query(
            f"sum by (upstream, operation, outcome) (rate({UPSTREAM}_count{NOW}))",
            "{{upstream}} {{operation}} {{outcome}}",
        ),
        unit="reqps",
    ),
    lines(
        "Share of failed calls",
        "Bad: over 5 %.",
        Query(f"({FAILED_CALLS} or 0 * {CALLS}) / {CALLS}", "{{job}} to {{upstream}}"),
        unit="percentunit",
        levels=(0.01, 0.05),
        alerts=("UpstreamErrorRatioHigh",),
    ),
    lines(
        "Latency of calls, p95",
        "With the time in the callee's queue. Bad: over 0.3 s to product-service.",
        Query(
            quantile(0.95, "job, upstream", f"{UPSTREAM}_bucket"),
            "{{job}} to {{upstream}}",
        ),
        unit="s",
    ),
    lines(
        "Retries and open breakers",
        "Bad: a breaker at 1, or retries that do not end.",
        Query(
            f"sum by (job, upstream) (rate(techcommerce_upstream_retries_total{NOW}))",
            "{{job}} to {{upstream}}, retries a second",
        ),
        Query(
            "max by (job, upstream) (techcommerce_upstream_circuit_open)",
            "{{job}} to {{upstream}}, breaker",
        ),
        alerts=("CircuitOpen",),
    ),
)

SATURATION = row(
    "Saturation and database",
    lines(
        "Request threads in use",
        "Bad: over 85 % for minutes; then requests wait for a thread.",
        Query(
            f"sum by (job) (techcommerce_http_inprogress{OF_JOB})"
            f" / sum by (job) (techcommerce_http_capacity{OF_JOB})",
            "{{job}}",
        ),
        unit="percentunit",
        levels=(0.7, 0.85),
        most=1,
        alerts=("HttpThreadsSaturated",),
    ),
    lines(
        "Connections at the front door",
        "Those that wait hold no thread: idle, sending slowly, taking slowly. Dropped a second: "
        "past a deadline, or the oldest where no more fit. Bad: drops for minutes.",
        Query(f"sum by (job) (techcommerce_http_connections_waiting{OF_JOB})", "{{job}} waiting"),
        Query(
            "sum by (job, reason) "
            f"(rate(techcommerce_http_connections_dropped_total{OF_JOB}{NOW}))",
            "{{job}} dropped: {{reason}}",
        ),
    ),
    lines(
        "Database statements, p95",
        "Bad: over 0.1 s.",
        Query(quantile(0.95, "job", DATABASE), "{{job}}"),
        unit="s",
        levels=(0.05, 0.1),
        alerts=("DatabaseSlow",),
    ),
    lines(
        "Statements a request",
        "Bad: a step upwards after a release: a loop asks row by row.",
        Query(
            f"sum by (job) (rate(django_db_execute_total{OF_JOB}{NOW}))"
            f" / sum by (job) (rate({RESPONSES}{OF_JOB}{NOW}))",
            "{{job}}",
        ),
    ),
    lines(
        "Database errors",
        "IntegrityError is how a repeated request is recognised. Bad: anything else.",
        Query(f"sum by (job, type) (rate(django_db_errors_total{NOW}))", "{{job}} {{type}}"),
        unit="cps",
        alerts=("DatabaseErrors", "MigrationsUnapplied"),
    ),
    lines(
        "Cache",
        "Share of looks that found something, and looks that failed, a second. Bad: a share that "
        "falls after a release; failures: Redis is away, and the database does its work.",
        Query(
            f"sum by (job) (rate(django_cache_get_hits_total{NOW}))"
            f" / sum by (job) (rate(django_cache_get_total{NOW}))",
            "{{job}} found",
        ),
        Query(f"sum by (job) (rate(django_cache_get_fail_total{NOW}))", "{{job}} failed"),
    ),
    lines(
        "Cost of a scrape",
        "Time that a process needs to show its figures. Bad: over a second.",
        Query("max by (job) (scrape_duration_seconds)", "{{job}}"),
        unit="s",
        levels=(1, 5),
        alerts=("MetricsCardinalityHigh",),
    ),
)

RETENTION = row(
    "Personal data",
    lines(
        "Personal data past its time",
        "Since when the oldest row of a table should be deleted, and since when each workload last "
        "swept. Bad: more than some minutes; a day breaks what we promise.",
        Query(
            "max by (job, table) (techcommerce_retention_oldest_overdue_seconds)",
            "{{job}} {{table}}",
        ),
        Query(
            "time() - max by (job) (techcommerce_retention_last_success_timestamp_seconds)",
            "{{job}}, last sweep",
        ),
        unit="s",
        levels=(3600, 86400),
        alerts=("RetentionStalled",),
    ),
    lines(
        "Rows that wait to be deleted",
        "Bad: a number that only grows.",
        Query("max by (job, table) (techcommerce_retention_overdue)", "{{job}} {{table}}"),
    ),
    lines(
        "Rows deleted",
        "A minute, because their time was over. Bad: a jump after a change of the periods.",
        Query(
            f"sum by (job, table) (rate(techcommerce_retention_deleted_total{NOW})) * 60",
            "{{job}} {{table}}",
        ),
    ),
)

SHOP_FRONT = row(
    "The shop front",
    lines(
        "Checkouts by outcome",
        "Bad: upstream_error, timeout or error at all; price_changed for long.",
        Query(f"sum by (outcome) (rate(techcommerce_checkout_total{NOW})) * 60", "{{outcome}}"),
        unit="opm",
        is_stacked=True,
        alerts=("CheckoutFailureBurn", "NoOrdersPlaced"),
    ),
    lines(
        "What shoppers do",
        "Steps towards an order, a minute. Bad: a step that falls while the one before it "
        "does not.",
        Query(f"sum by (step) (rate(techcommerce_funnel_total{NOW})) * 60", "{{step}}"),
        unit="opm",
        alerts=("ConversionDropped",),
    ),
    lines(
        "Repeated requests",
        "Requests that came twice and had one effect. Bad: a jump: clients time out.",
        Query(
            f"sum by (endpoint) (rate(techcommerce_idempotent_replays_total{NOW})) * 60",
            "{{endpoint}}",
        ),
        unit="opm",
    ),
)
