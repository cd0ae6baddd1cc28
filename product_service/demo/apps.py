from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "product_service.demo"
    label = "demo"
    verbose_name = "Demo shop"
