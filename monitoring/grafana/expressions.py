"""Pieces of PromQL that panels share. `$job` and `$__rate_interval` are Grafana's to fill in."""

RESPONSES = "django_http_responses_total_by_status_view_method_total"
LATENCY = "django_http_requests_latency_seconds_by_view_method_bucket"
QUEUE = "techcommerce_http_queue_seconds_bucket"
OF_JOB = '{job=~"$job"}'
NOW = "[$__rate_interval]"


def quantile(q: float, by: str, buckets: str, window: str = NOW) -> str:
    """The value below which a share `q` of the measurements lies, for each value of `by`."""
    return f"histogram_quantile({q}, sum by ({by}, le) (rate({buckets}{window})))"
