"""Makes a bulk change: exactly what its preview showed, or nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from product_service.bulk.actions.preview import keep
from product_service.bulk.lines import find, lines_of, same
from product_service.bulk.models import BulkChange
from product_service.bulk.writing import note, write


@transaction.atomic
def make(*, change: BulkChange, seen: str, reason: str, user: Any) -> bool:
    """Whether it was made, now or before (a form that was sent twice counts once).

    `seen` says which preview was shown. If that is no longer the one that is kept, or if somebody
    has changed a price or a product since, nothing is changed and the preview is made anew.
    """
    row = BulkChange.objects.select_for_update().get(pk=change.pk)
    if row.made_at is not None:
        return True
    found = find(row, locked=True)
    kept = list(lines_of(row).all())
    if seen != stamp(row) or not same(found.lines, kept):
        keep(row, found)
        return False
    row.made_at, row.reason, row.actor = timezone.now(), reason, user.get_username()
    row.save(update_fields=["made_at", "reason", "actor"])
    write(row, kept)
    note(user, row, kept)
    return True


def stamp(change: BulkChange) -> str:
    """Names the preview of `change`."""
    return change.previewed_at.isoformat() if change.previewed_at else ""
