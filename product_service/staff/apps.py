"""Who the staff are. The back office of the orders asks here; see decision 27."""

from __future__ import annotations

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "product_service.staff"
