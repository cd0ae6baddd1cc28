"""Two people in the back office."""

from __future__ import annotations

import pytest
from django.test import Client

from chassis.tests.back_office import signed_in


@pytest.fixture
def anna() -> Client:
    return signed_in("anna")


@pytest.fixture
def ben() -> Client:
    return signed_in("ben")
