"""Dashboard "Services": requests, errors and latency, what services wait for, what shoppers do."""

from __future__ import annotations

from monitoring.grafana.dependencies import RETENTION, SATURATION, SHOP_FRONT, UPSTREAMS
from monitoring.grafana.expressions import LATENCY, NOW, OF_JOB, QUEUE, RESPONSES, quantile
from monitoring.grafana.panels import Dashboard, Query, Row, figure, heatmap, lines, ranking

BY_CLASS = f'label_replace(rate({RESPONSES}{OF_JOB}{NOW}), "class", "${{1}}xx", "status", "(.).*")'
EVERYTHING = f"sum by (job) (rate({RESPONSES}{OF_JOB}{NOW}))"


def share(selector: str) -> str:
    """Of all answers those that fit the selector; 0 rather than nothing when none does."""
    chosen = f'sum by (job) (rate({RESPONSES}{{job=~"$job",{selector}}}{NOW}))'
    return f"({chosen} or 0 * {EVERYTHING}) / {EVERYTHING}"


AT_A_GLANCE = Row(
    "Now",
    figure(
        "Requests",
        "Requests per second of the selected services. Bad: none during opening hours.",
        Query(f"sum(job:http_requests:rate5m{OF_JOB})"),
        unit="reqps",
    ),
    figure(
        "Errors",
        "Share of 5xx responses over 5 minutes. Bad: above 0.1 %, the monthly error budget.",
        Query(f"max(job:http_errors:ratio_rate5m{OF_JOB})"),
        unit="percentunit",
        levels=(0.001, 0.01),
        alerts=("StorefrontErrorBudgetFastBurn", "StorefrontErrorBudgetSlowBurn"),
    ),
    figure(
        "Slow requests",
        "Share of requests slower than one second. Bad: above 1 %.",
        Query(f"max(job:http_slow:ratio_rate5m{OF_JOB})"),
        unit="percentunit",
        levels=(0.005, 0.01),
        alerts=("StorefrontLatencyBudgetBurn",),
    ),
    figure(
        "Targets down",
        "Processes that Prometheus can't reach. Bad: any, for longer than a rollout takes.",
        Query("count(up == 0) or vector(0)"),
        levels=(1,),
        alerts=("ServiceDown", "ServiceTargetsMissing"),
    ),
    figure(
        "Alerts firing",
        "Alerts that need attention now. Bad: any.",
        Query('count(ALERTS{alertstate="firing",severity!="none"}) or vector(0)'),
        levels=(1,),
    ),
    height=5,
)

REQUESTS = Row(
    "Requests",
    lines(
        "Requests by status class",
        "Bad: any 5xx, or a service that drops to zero while the others don't.",
        Query(f"sum by (job, class) ({BY_CLASS})", "{{job}} {{class}}"),
        unit="reqps",
        is_stacked=True,
    ),
    lines(
        "Error rate",
        "5xx are our errors, 4xx the caller's. Bad: 5xx above 0.1 %, or a jump in 4xx after a "
        "release.",
        Query(share('status=~"5.."'), "{{job}} 5xx"),
        Query(share('status=~"4.."'), "{{job}} 4xx"),
        unit="percentunit",
        alerts=("ServiceErrorBudgetTicket", "ViewErrorRatioHigh"),
    ),
    lines(
        "Error budget burn rate",
        "At 1, the 30-day budget lasts 30 days; at 14.4, two days. Bad: over 1 for long, "
        "over 6 or 14.4 at any time. Ratios are weighted by requests within each window.",
        Query(f"job:http_errors:ratio_rate1h{OF_JOB} / 0.001", "{{job}} 1 h"),
        Query(f"job:http_errors:ratio_rate6h{OF_JOB} / 0.001", "{{job}} 6 h"),
        levels=(6, 14.4),
        alerts=("StorefrontErrorBudgetFastBurn", "StorefrontErrorBudgetSlowBurn"),
    ),
)

TIMES = Row(
    "Latency",
    lines(
        "Latency",
        "Measured inside the service, without the wait for a thread (next panel). "
        "Bad: p95 of the storefront over 0.5 s, of product-service over 0.3 s.",
        *(
            Query(quantile(q, "job", f"{LATENCY}{OF_JOB}"), f"{{{{job}}}} {name}")
            for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
        ),
        unit="s",
        alerts=("StorefrontLatencyBudgetBurn",),
    ),
    lines(
        "Request queue time, p95",
        "Time a request waits for a free thread. Not measured for the storefront, because browsers "
        "send no timestamp. Bad: over 0.25 s.",
        Query(quantile(0.95, "job", f"{QUEUE}{OF_JOB}"), "{{job}}"),
        unit="s",
        levels=(0.1, 0.25),
        alerts=("RequestQueueTimeHigh",),
    ),
    heatmap(
        "Latency distribution",
        "Bad: a second band above the usual one; some requests wait for something.",
        Query(f"sum by (le) (increase({LATENCY}{OF_JOB}{NOW}))", "{{le}}"),
    ),
)

VIEWS = Row(
    "Views",
    ranking(
        "Slowest views",
        "p95 over 15 minutes. Bad: a view that was not on this list yesterday.",
        Query(
            f"topk(10, {quantile(0.95, 'job, view', LATENCY + OF_JOB, '[15m]')} > 0)",
            "{{job}} {{view}}",
        ),
        unit="s",
        levels=(0.5, 1),
    ),
    ranking(
        "Failing views",
        "5xx responses in the last hour, by view. Bad: any.",
        Query(
            "topk(10, sum by (job, view, status) "
            f'(increase({RESPONSES}{{job=~"$job",status=~"5.."}}[1h])) > 0)',
            "{{job}} {{view}} {{status}}",
        ),
        levels=(1, 10),
        alerts=("ViewErrorRatioHigh",),
    ),
    ranking(
        "Exceptions",
        "Unhandled exceptions in the last hour, by type; Http404 is an unknown URL. Bad: an "
        "unexpected one. Find its traceback in the log by request_id.",
        Query(
            "topk(10, sum by (job, type) "
            f"(increase(django_http_exceptions_total_by_type_total{OF_JOB}[1h])) > 0)",
            "{{job}} {{type}}",
        ),
        levels=(1, 10),
    ),
    lines(
        "404s",
        "Responses with status 404. Bad: a jump after a release; one of our links is broken.",
        Query(f'sum by (job) (rate({RESPONSES}{{job=~"$job",status="404"}}{NOW}))', "{{job}}"),
        unit="reqps",
    ),
)

SERVICES = Dashboard(
    "techcommerce-services",
    "Services",
    "Requests, errors and latency of each service, its dependencies, and the storefront.",
    rows=(AT_A_GLANCE, REQUESTS, TIMES, VIEWS, UPSTREAMS, SATURATION, RETENTION, SHOP_FRONT),
    by_job=True,
)
