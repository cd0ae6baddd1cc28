from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "order_service.audit"
    label = "audit"
    verbose_name = "Audit"
