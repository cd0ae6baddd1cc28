"""Put a checked file away; nothing of it was written."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from product_service.transfer.history import note
from product_service.transfer.models import Import, State


@transaction.atomic
def discard(of: Import, *, user: Any) -> bool:
    """False if it was imported or discarded before."""
    checked = Import.objects.filter(pk=of.pk, state=State.CHECKED)
    if not checked.update(state=State.DISCARDED):
        return False
    note(of, user, "Discarded.")
    return True
