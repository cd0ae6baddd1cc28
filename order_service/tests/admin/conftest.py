"""Who signs in to the back office."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def owner() -> Client:
    user = User.objects.create(username="olga", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    return client
