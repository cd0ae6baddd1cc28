from django.apps import AppConfig

from chassis.back_office.roles import ship_roles
from order_service.backoffice.roles import RIGHTS


class BackOfficeConfig(AppConfig):
    name = "order_service.backoffice"
    label = "order_backoffice"

    def ready(self) -> None:
        ship_roles(RIGHTS)
