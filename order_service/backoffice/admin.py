"""The back office; Django looks for its pages here."""

from django.contrib import admin

from chassis.back_office.people import register_people
from order_service.backoffice import differences, mails, orders, prices, shop  # noqa: F401  (they register)
from order_service.backoffice.people import CopiedStaffAdmin

admin.site.site_header = "TechCommerce orders"
register_people(CopiedStaffAdmin)
