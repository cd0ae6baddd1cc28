from django.apps import AppConfig


class ShopCatalogueConfig(AppConfig):
    name = "storefront.catalogue"
    label = "shop_catalogue"
    verbose_name = "Catalogue"
