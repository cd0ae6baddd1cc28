"""Uploaded files for tests, and what becomes of them, through the actions that the pages call."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from django.contrib.auth.models import User

from product_service.jobs import actions as jobs
from product_service.transfer.actions.apply import apply
from product_service.transfer.actions.undo import undo
from product_service.transfer.actions.upload import upload
from product_service.transfer.exporting import csv_chunks, lines
from product_service.transfer.models import Import, ImportRow
from product_service.transfer.snapshot import known_variants


def anna() -> User:
    return User.objects.get_or_create(username="anna")[0]


def ben() -> User:
    return User.objects.get_or_create(username="ben")[0]


def csv_of(*rows: Mapping[str, str], separator: str = ",") -> bytes:
    """A heading of all columns that the rows name, and the rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def uploaded(*rows: Mapping[str, str], content: bytes | None = None, name: str = "a.csv") -> Import:
    content = csv_of(*rows) if content is None else content
    return finished(upload(file_name=name, content=content, note_why="", user=anna()))


def finished(of: Import) -> Import:
    """With its job done, as the worker would."""
    while of.job and jobs.work(of.job.pk, seconds=1):
        pass
    of.refresh_from_db()
    return of


def imported(*rows: Mapping[str, str], content: bytes | None = None) -> Import:
    of = uploaded(*rows, content=content)
    assert apply(of, user=anna())
    return finished(Import.objects.get(pk=of.pk))


def undone(of: Import) -> Import:
    assert undo(of, user=anna())
    return finished(Import.objects.get(pk=of.pk))


def exported() -> bytes:
    return b"".join(csv_chunks(lines()))


def texts(sku: str) -> dict[str, str]:
    return dict(known_variants([sku])[sku].texts)


def only_row(of: Import) -> ImportRow:
    return of.rows.get()


def problems(of: Import) -> list[tuple[int, str, str]]:
    return [(row.number, *each) for row in of.rows.all() for each in row.problems]
