"""Rows about what services lean on and what shoppers do, of the dashboard "Services"."""

from __future__ import annotations

from monitoring.grafana.expressions import NOW, OF_JOB, RESPONSES, quantile
from monitoring.grafana.panels import Query, Row, lines

UPSTREAM = "techcommerce_upstream_request_seconds"
DATABASE = "django_db_query_duration_seconds_bucket"
FAILED = 'outcome=~"5xx|timeout|connect|open"'
CALLS = f"sum by (job, upstream) (rate({UPSTREAM}_count{NOW}))"
FAILED_CALLS = f"sum by (job, upstream) (rate({UPSTREAM}_count{{{FAILED}}}{NOW}))"
UPSTREAMS = Row(
    "Calls to other services",
    lines(
        "Calls by outcome",
        "Measured by the caller. Bad: timeout, connect, open (rejected by the breaker), 5xx.",
        Query(
            f"sum by (upstream, operation, outcome) (rate({UPSTREAM}_count{NOW}))",
            "{{upstream}} {{operation}} {{outcome}}",
        ),
        unit="reqps",
    ),
    lines(
        "Failed calls",
        "Share of calls that fail. Bad: over 5 %.",
        Query(f"({FAILED_CALLS} or 0 * {CALLS}) / {CALLS}", "{{job}} to {{upstream}}"),
        unit="percentunit",
        levels=(0.01, 0.05),
        alerts=("UpstreamErrorRatioHigh",),
    ),
    lines(
        "Call latency, p95",
        "Includes queueing in the called service. Bad: over 0.3 s to product-service.",
        Query(quantile(0.95, "job, upstream", f"{UPSTREAM}_bucket"), "{{job}} to {{upstream}}"),
        unit="s",
    ),
    lines(
        "Retries and open circuit breakers",
        "Bad: a breaker at 1 (open), or retries that don't stop.",
        Query(
            f"sum by (job, upstream) (rate(techcommerce_upstream_retries_total{NOW}))",
            "{{job}} to {{upstream}}, retries per second",
        ),
        Query(
            "max by (job, upstream) (techcommerce_upstream_circuit_open)",
            "{{job}} to {{upstream}}, breaker",
        ),
        alerts=("CircuitOpen",),
    ),
)

SATURATION = Row(
    "Saturation and database",
    lines(
        "Request threads in use",
        "Bad: over 85 % for minutes; requests then wait for a thread.",
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
        "Client connections",
        "Waiting connections (idle, or slow to send or read) hold no thread. Dropped per second: "
        "past a deadline, or the oldest at the limit. Bad: drops for minutes.",
        Query(f"sum by (job) (techcommerce_http_connections_waiting{OF_JOB})", "{{job}} waiting"),
        Query(
            "sum by (job, reason) "
            f"(rate(techcommerce_http_connections_dropped_total{OF_JOB}{NOW}))",
            "{{job}} dropped: {{reason}}",
        ),
    ),
    lines(
        "SQL query latency, p95",
        "Bad: over 0.1 s.",
        Query(quantile(0.95, "job", DATABASE), "{{job}}"),
        unit="s",
        levels=(0.05, 0.1),
        alerts=("DatabaseSlow",),
    ),
    lines(
        "SQL queries per request",
        "Bad: a step up after a release; a loop queries row by row.",
        Query(
            f"sum by (job) (rate(django_db_execute_total{OF_JOB}{NOW}))"
            f" / sum by (job) (rate({RESPONSES}{OF_JOB}{NOW}))",
            "{{job}}",
        ),
    ),
    lines(
        "Database errors",
        "IntegrityError is how repeated requests are recognized. Bad: anything else.",
        Query(f"sum by (job, type) (rate(django_db_errors_total{NOW}))", "{{job}} {{type}}"),
        unit="cps",
        alerts=("DatabaseErrors", "MigrationsUnapplied"),
    ),
    lines(
        "Cache hit rate",
        "Share of lookups that hit, and failed lookups per second. Bad: a hit rate that falls "
        "after a release, or failures: Redis is down, and the database carries the load.",
        Query(
            f"sum by (job) (rate(django_cache_get_hits_total{NOW}))"
            f" / sum by (job) (rate(django_cache_get_total{NOW}))",
            "{{job}} hits",
        ),
        Query(f"sum by (job) (rate(django_cache_get_fail_total{NOW}))", "{{job}} failed"),
    ),
    lines(
        "Scrape duration",
        "Time a process takes to report its metrics. Bad: over a second.",
        Query("max by (job) (scrape_duration_seconds)", "{{job}}"),
        unit="s",
        levels=(1, 5),
        alerts=("MetricsCardinalityHigh",),
    ),
    lines(
        "WAL that waits for the archive",
        "Since when finished write-ahead log waits: that much is lost with the database's volume. "
        "Bad: over a minute. Empty where the server archives nothing.",
        Query("max(techcommerce_wal_archive_waiting_seconds)", "waiting"),
        unit="s",
        levels=(30, 60),
        alerts=("DatabaseArchiveStalled",),
    ),
)

RETENTION = Row(
    "Personal data",
    lines(
        "Overdue personal data",
        "How long the oldest row of a table has been overdue for deletion, and the time since the "
        "last sweep. Bad: more than a few minutes; a day breaks our promise.",
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
        "Rows due for deletion",
        "Bad: a number that keeps growing.",
        Query("max by (job, table) (techcommerce_retention_overdue)", "{{job}} {{table}}"),
    ),
    lines(
        "Rows deleted",
        "Expired rows deleted per minute. Bad: a jump after the retention periods change.",
        Query(
            f"sum by (job, table) (rate(techcommerce_retention_deleted_total{NOW})) * 60",
            "{{job}} {{table}}",
        ),
    ),
)

SHOP_FRONT = Row(
    "Storefront",
    lines(
        "Checkouts by outcome",
        "Checkouts per minute. Bad: any upstream_error, timeout or error; price_changed for long.",
        Query(f"sum by (outcome) (rate(techcommerce_checkout_total{NOW})) * 60", "{{outcome}}"),
        unit="opm",
        is_stacked=True,
        alerts=("CheckoutFailureBurn", "NoOrdersPlaced"),
    ),
    lines(
        "Checkout funnel",
        "Steps towards an order, per minute. Bad: a step that falls while the one before it "
        "doesn't.",
        Query(f"sum by (step) (rate(techcommerce_funnel_total{NOW})) * 60", "{{step}}"),
        unit="opm",
        alerts=("ConversionDropped",),
    ),
    lines(
        "Repeated requests",
        "Recognized repeats per minute, which change nothing. Bad: a jump; clients time out.",
        Query(
            f"sum by (endpoint) (rate(techcommerce_idempotent_replays_total{NOW})) * 60",
            "{{endpoint}}",
        ),
        unit="opm",
    ),
)
