from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "order_service.shop"
    label = "shop"
    verbose_name = "Shop"
