"""Everything that is registered in the back office; Django imports this module by its name."""

from __future__ import annotations

from django.contrib import admin
from django_otp.plugins.otp_totp.models import TOTPDevice

from chassis.back_office.people import register_people
from product_service.backoffice import products, shelves, stock  # noqa: F401 - each registers its own
from product_service.backoffice.people import PeopleAdmin

admin.site.site_header = "TechCommerce catalogue"
register_people(PeopleAdmin)
admin.site.unregister(TOTPDevice)  # shown on the page of its person
