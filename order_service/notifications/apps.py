from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "order_service.notifications"
    label = "notifications"
    verbose_name = "Notifications"
