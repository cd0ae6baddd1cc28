"""Staff who sign in at product_service, as this back office knows them; see decision 27."""

from __future__ import annotations

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "order_service.staff"
    label = "order_staff"  # product_service has one too
