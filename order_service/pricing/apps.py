from django.apps import AppConfig
from django.core import checks

from order_service.pricing.checks import tax_rate_is_in_the_table


class PricingConfig(AppConfig):
    name = "order_service.pricing"
    label = "pricing"
    verbose_name = "Prices"

    def ready(self) -> None:
        checks.register(tax_rate_is_in_the_table, checks.Tags.database)
