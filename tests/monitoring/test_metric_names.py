"""Rules and dashboards read what the code declares, and what it declares is read somewhere."""

from __future__ import annotations

import re

import pytest

from tests.metrics.test_names import EVERY_SERVICE, OWN
from tests.monitoring.files import (
    alerts,
    marks,
    metric_names,
    queries,
    recorded,
)

# Of Prometheus itself and of Alertmanager.
GIVEN = {
    *("up", "ALERTS", "scrape_duration_seconds", "scrape_samples_post_metric_relabeling"),
    "alertmanager_notifications_failed_total",
}
DECLARED = EVERY_SERVICE.union(*OWN.values())
# Declared and read by no rule and no panel, each for a reason.
UNREAD = {
    "django_db_new_connections_total": "comes with the others; each request opens none of its own",
    "django_db_new_connection_errors_total": "DatabaseErrors and 503s tell of it",
    "django_db_execute_many_total": "statements in bulk are rare, and slow ones show in the times",
    "django_cache_get_misses_total": "what is asked for less the hits",
}


def read() -> set[str]:
    rules = [rule["expr"] for rule in alerts().values()]
    shown = [each.expr for each in (*queries(), *marks())]
    return set().union(*map(metric_names, [*rules, *recorded().values(), *shown]))


def test_what_is_read_is_declared() -> None:
    assert read() - DECLARED - recorded().keys() - GIVEN == set()


def test_what_is_declared_is_read_or_excused() -> None:
    """A histogram is read when any of its three is."""
    kept = {_base(name) for name in read() | UNREAD.keys()}
    assert {name for name in DECLARED if _base(name) not in kept} == set()
    assert UNREAD.keys() & read() == set()


def _base(name: str) -> str:
    return re.sub(r"_(?:bucket|count|sum)$", "", name)


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ('sum by (job) (rate(a_total{x="b_total"}[5m])) > 14.4 * 0.01', {"a_total"}),
        ("max(a) / on (job) group_left (x) b offset 1d unless c", {"a", "b", "c"}),
        ('label_replace(job:a:rate5m, "class", "${1}xx", "status", "(.).*")', {"job:a:rate5m"}),
        ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[$__rate_interval])))", {"a_bucket"}),
        ("1 - a or 0 * b", {"a", "b"}),
    ],
)
def test_names_are_found_in_an_expression(expr: str, names: set[str]) -> None:
    assert metric_names(expr) == names
