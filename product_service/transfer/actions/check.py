"""The dry run: compare the file with the catalogue, row by row."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from django.utils import timezone

from product_service.jobs.kinds import JobRefused, Step
from product_service.jobs.models import Job
from product_service.transfer.comparing import Comparison
from product_service.transfer.models import Import, ImportRow, Kind, State
from product_service.transfer.rows import read_row
from product_service.transfer.tables import open_table

BATCH = 250


def begin(job: Job) -> Step:
    """Rows that were compared before are compared once more, without being written: what they say
    of SKUs and products has to be known."""
    of = Import.objects.get(pk=job.about or 0)
    if job.total is None:  # the whole file can be read, before anything is said of its rows
        total = sum(1 for _ in open_table(bytes(of.content)).rows)
        Job.objects.filter(pk=job.pk).update(total=total)
    table, comparison, left = open_table(bytes(of.content)), Comparison(), job.done
    while left > 0 and (again := list(islice(table.rows, min(left, BATCH)))):
        comparison.compare([read_row(*each) for each in again])
        left -= len(again)

    def step(job: Job) -> bool:
        batch = list(islice(table.rows, BATCH))
        compared = comparison.compare([read_row(*each) for each in batch])
        _write(of, list(table.columns), compared)
        job.done += len(batch)
        if len(batch) == BATCH:
            return False
        _finish(of, job)
        return True

    return step


def _write(of: Import, columns: list[str], compared: list[ImportRow]) -> None:
    if of.checked_at is None:
        of.checked_at = timezone.now()
        of.columns = [name for name in columns if name]
    for row in compared:
        row.of = of
    ImportRow.objects.bulk_create(row for row in compared if row.kind != Kind.UNCHANGED)
    counts = Counter(of.counts)
    counts.update(row.kind for row in compared)
    counts["warnings"] += sum(bool(row.warnings) for row in compared)
    of.counts = dict(counts)
    of.save(update_fields=["checked_at", "columns", "counts"])


def _finish(of: Import, job: Job) -> None:
    if not job.done:
        raise JobRefused("The file has a heading and no row.")
    of.state = State.CHECKED
    of.save(update_fields=["state"])
