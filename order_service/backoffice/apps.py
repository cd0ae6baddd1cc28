from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    name = "order_service.backoffice"
    label = "order_backoffice"
