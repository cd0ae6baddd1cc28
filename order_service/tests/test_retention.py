"""Every table of order_service is swept when its time is over, or kept for a reason."""

from __future__ import annotations

from django.apps import apps

from order_service.retention import RETENTION


def test_every_table_is_swept_or_kept_for_a_reason() -> None:
    """A new model needs a rule in order_service/retention.py, or a line why it may stay."""
    swept = {rule.model for rule in RETENTION.rules}
    assert swept | RETENTION.kept.keys() == set(apps.get_models())
    assert swept & RETENTION.kept.keys() == set()
    assert all(RETENTION.kept.values())
