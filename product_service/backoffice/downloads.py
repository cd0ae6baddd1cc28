"""Files that the back office gives out: the catalogue, an empty template, rows to mend."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpResponse
from django.utils import timezone

from product_service.transfer import errors_file
from product_service.transfer.columns import COLUMNS
from product_service.transfer.exporting import csv_chunks, lines
from product_service.transfer.models import Import

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(kind: str) -> HttpResponse:
    return _file(f"products-{timezone.localdate().isoformat()}", kind, COLUMNS, lines())


def template_for(kind: str) -> HttpResponse:
    """The heading alone."""
    return _file("template", kind, COLUMNS, ())


def errors_of(of: Import) -> HttpResponse:
    return _file(f"import-{of.pk}-errors", "csv", errors_file.heading(of), errors_file.lines(of))


def _file(
    name: str, kind: str, heading: Iterable[str], rows: Iterable[Iterable[str]]
) -> HttpResponse:
    if kind == "csv":
        content, content_type = _csv(heading, rows), "text/csv; charset=utf-8"
    elif kind == "xlsx":
        content, content_type = _xlsx(heading, rows), XLSX
    else:
        raise Http404
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _csv(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    return b"".join(csv_chunks(rows, heading))


def _xlsx(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    # openpyxl is 20 MiB that a process without such a file never needs.
    from product_service.transfer import xlsx  # noqa: PLC0415

    return xlsx.workbook(heading, rows)
