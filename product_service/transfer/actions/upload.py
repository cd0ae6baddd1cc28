"""Take a file in: it is checked at once if it is small, else by the worker. Nothing is changed."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from product_service.jobs import actions as jobs
from product_service.transfer.history import note
from product_service.transfer.models import Import

SMALL_BYTES = 64 * 1024  # some 500 rows: done before the page is shown
PAGE_SECONDS = 10.0


def upload(*, file_name: str, content: bytes, note_why: str, user: Any) -> Import:
    with transaction.atomic():
        of = Import.objects.create(
            file_name=file_name[:200],
            content=content,
            note=note_why,
            user=user,
            by=user.get_username(),
        )
        of.job = jobs.start(kind="import_check", about=of.pk, user=user)
        of.save(update_fields=["job"])
        note(of, user, "Uploaded. Nothing is changed yet.")
    work_if_small(of)
    return of


def work_if_small(of: Import) -> None:
    """Otherwise product-sweep announces the job to the worker."""
    if of.job and len(of.content) <= SMALL_BYTES:
        jobs.work(of.job.pk, seconds=PAGE_SECONDS)
    of.refresh_from_db()
