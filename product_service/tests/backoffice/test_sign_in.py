"""The back office of the catalogue is guarded as that of the orders, whose tests say how."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str) -> Any:
    return client.post("/admin/login/", {"username": "sam", "password": password})


def test_guessing_is_slow_and_its_victim_stays_in() -> None:
    redis.Redis.from_url(settings.CACHE_URL).flushdb()
    User.objects.create_user("sam", password="correct horse battery", is_staff=True)
    home = Client()
    assert sign_in(home, "correct horse battery").status_code == 302

    answers = [sign_in(Client(), "wrong") for _ in range(8)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    assert "Too many attempts. Wait" in answers[-1].content.decode()
    assert sign_in(Client(), "correct horse battery").status_code == 429
    assert sign_in(home, "correct horse battery").status_code == 302
