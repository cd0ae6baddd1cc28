"""What product_service keeps of people: staff sessions end, all else has its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from product_service.management.commands.sweep import turn
from product_service.retention import RETENTION


@pytest.mark.django_db
def test_the_sweep_deletes_staff_sessions_that_are_over() -> None:
    for name, left in (("over", timedelta(seconds=-1)), ("open", timedelta(minutes=1))):
        Session.objects.create(session_key=name, session_data="", expire_date=Now() + left)
    assert turn() is False
    assert Session.objects.get().session_key == "open"


def test_every_table_is_swept_or_kept_for_a_reason() -> None:
    """A new model needs a rule in product_service/retention.py, or a line why it may stay."""
    swept = {rule.model for rule in RETENTION.rules}
    assert swept | RETENTION.kept.keys() == set(apps.get_models())
    assert swept & RETENTION.kept.keys() == set()
    assert all(RETENTION.kept.values())
