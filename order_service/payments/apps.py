from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "order_service.payments"
    label = "payments"
    verbose_name = "Payments"
