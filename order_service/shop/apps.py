from django.apps import AppConfig
from django.core import checks

from order_service.shop.checks import sender_is_in_the_settings


class ShopConfig(AppConfig):
    name = "order_service.shop"
    label = "shop"
    verbose_name = "Shop"

    def ready(self) -> None:
        checks.register(sender_is_in_the_settings, checks.Tags.database)
