"""The back office; Django looks for its pages here."""

from django.conf import settings
from django.contrib import admin

from order_service.backoffice import differences, mails, orders, prices, shop  # noqa: F401  (they register)

admin.site.site_header = "TechCommerce orders"
admin.site.site_title = "TechCommerce"
admin.site.index_title = "Back office"
admin.site.site_url = settings.PUBLIC_URL
