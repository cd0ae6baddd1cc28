"""The back office: products, shelves and stock as staff see and change them."""

from __future__ import annotations

from django.apps import AppConfig

from chassis.back_office.roles import ship_roles
from product_service.backoffice.roles import RIGHTS


class BackOfficeConfig(AppConfig):
    name = "product_service.backoffice"
    label = "product_backoffice"  # order_service has one too

    def ready(self) -> None:
        ship_roles(RIGHTS)
