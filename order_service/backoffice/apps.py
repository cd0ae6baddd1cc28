from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "order_service.backoffice"
    label = "order_backoffice"
