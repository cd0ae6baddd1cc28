"""Every page of the back office; Django looks for them here."""

from order_service.backoffice import differences, mails, orders  # noqa: F401  (they register)
