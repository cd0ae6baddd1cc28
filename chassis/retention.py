"""Deletes rows whose time is over: each service lists them in one table, its `retention.py`.

    RETENTION = Retention(
        "storefront",
        Rule(Cart, since="touched_at", after=settings.CART_KEPT),
        kept={CartLine: "goes with its cart"},
    )
    RETENTION.sweep()       deletes what is overdue, from the process that does periodic work
    RETENTION.figures()     tells how much is overdue, and when a sweep last succeeded

Every model of a service stands in that table: swept by a rule, or kept for the reason given.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import Error, transaction
from django.db.models import Count, Min, Model, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily

from chassis import logs
from chassis.loop import advisory_lock
from chassis.metrics.figures import Figure, Figures

log = logs.get_logger(__name__)

BATCH = 500  # rows locked and deleted in one transaction: well under a second
BATCHES = 10  # of each table in one sweep
LOOK_SECONDS = 30.0

OVERDUE = Figure(
    "techcommerce_retention_overdue", "Rows that should be deleted by now.", ("table",)
)
OLDEST = Figure(
    "techcommerce_retention_oldest_overdue_seconds",
    "Since when the oldest of them should be; 0 when there is none.",
    ("table",),
)
SUCCESS = Figure(
    "techcommerce_retention_last_success_timestamp_seconds",
    "When this process last swept every table; nothing before its first time.",
)
DELETED = Counter(
    "techcommerce_retention_deleted_total", "Rows deleted because their time was over.", ["table"]
)


@dataclass(frozen=True)
class Rule:
    """Rows of `model` go once the time in the column `since`, which has an index, is `after` ago.

    Rows that point at them go too, where the model says CASCADE. A rule with `where` is about
    some rows of a table, whose others have a rule of their own.
    """

    model: type[Model]
    since: str
    after: timedelta = timedelta(0)
    where: Q = field(default_factory=Q)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def overdue(self) -> QuerySet[Model]:
        """By the database's clock."""
        over = {f"{self.since}__lt": Now() - self.after}
        return self.model._default_manager.filter(self.where, **over)

    def delete_batch(self) -> int:
        """Delete the oldest, BATCH at most; how many that were.

        What somebody else works on is skipped. The lock looks at the newest version of a row, so
        one that was touched since is no longer overdue and stays.
        """
        with transaction.atomic():
            oldest = self.overdue().order_by(self.since).select_for_update(skip_locked=True)
            keys = list(oldest.values_list("pk", flat=True)[:BATCH])
            if keys:
                self.model._default_manager.filter(pk__in=keys).delete()
            return len(keys)


class Retention:
    """The rules of one service, and why its other tables are kept."""

    def __init__(self, service: str, *rules: Rule, kept: Mapping[type[Model], str]) -> None:
        self.rules = rules
        self.kept = kept
        self._lock = f"{service}.retention"
        self._succeeded_at: float | None = None
        for rule in rules:
            DELETED.labels(rule.table)

    def sweep(self) -> bool:
        """Delete what is overdue; True if more may be left. Of several processes one does it.

        A table whose rows cannot be deleted is logged, and the others are swept nevertheless.
        """
        with advisory_lock(self._lock) as held:
            if not held:
                return False
            outcomes = [_sweep(rule) for rule in self.rules]
        if None not in outcomes:
            self._succeeded_at = time.time()
        return True in outcomes

    def figures(self) -> Figures:
        return Figures(self._read, seconds=LOOK_SECONDS)

    def _read(self) -> Iterable[GaugeMetricFamily]:
        found = {
            rule: rule.overdue().aggregate(rows=Count("pk"), oldest=Min(rule.since))
            for rule in self.rules
        }
        now = timezone.now()
        rows: dict[tuple[str, ...], float] = defaultdict(float)
        ages: dict[tuple[str, ...], float] = defaultdict(float)  # 0 unless one is overdue
        for rule, each in found.items():
            due = now - rule.after
            age = (due - (each["oldest"] or due)).total_seconds()
            rows[rule.table,] += each["rows"]
            ages[rule.table,] = max(ages[rule.table,], age)
        yield OVERDUE.of(rows)
        yield OLDEST.of(ages)
        if self._succeeded_at is not None:
            yield SUCCESS.of({(): self._succeeded_at})


def _sweep(rule: Rule) -> bool | None:
    """Whether more may be left; None if the database refused."""
    try:
        for _ in range(BATCHES):
            deleted = rule.delete_batch()
            DELETED.labels(rule.table).inc(deleted)
            if deleted:
                log.info("rows past their time deleted", table=rule.table, rows=deleted)
            if deleted < BATCH:
                return False
    except Error as error:
        log.error("rows past their time stay", table=rule.table, error=str(error).strip())
        return None
    return True
