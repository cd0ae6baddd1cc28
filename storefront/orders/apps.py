from django.apps import AppConfig


class ShopOrdersConfig(AppConfig):
    name = "storefront.orders"
    label = "shop_orders"
    verbose_name = "Orders"
