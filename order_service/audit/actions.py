"""Writing down what the reconciler found and what it repaired."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from chassis import logs
from order_service.audit.models import Drift, DriftKind, LookedUntil
from order_service.payments.models import Payment

log = logs.get_logger(__name__)


def note_drift(found: Drift) -> Drift:
    """The open drift of its kind and reference; a new row, and an error in the log, if new."""
    drift, is_new = Drift.objects.unrepaired().get_or_create(
        kind=found.kind,
        reference=found.reference,
        defaults={"order_id": found.order_id, "details": found.details},
    )
    if is_new:
        log.error("drift found", kind=drift.kind, reference=drift.reference, **drift.details)
    return drift


def close_drift(drift: Drift) -> None:
    """The difference is gone."""
    Drift.objects.unrepaired().filter(pk=drift.pk).update(repaired_at=Now())
    log.info("drift repaired", kind=drift.kind, reference=drift.reference)


def looked_until(kind: DriftKind) -> datetime:
    """The time up to which differences of `kind` have been looked for; before the first look, the
    time when a payment of ours changed last."""
    found = LookedUntil.objects.filter(kind=kind).first()
    newest = Payment.objects.aggregate(at=Max("updated_at"))["at"] if found is None else found.at
    return newest or timezone.now()


def note_look(kind: DriftKind, at: datetime) -> None:
    """Store that everything up to `at` has been looked at, and what was found is stored."""
    LookedUntil.objects.update_or_create(kind=kind, defaults={"at": at})
