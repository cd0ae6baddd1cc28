"""Everything that is registered in the back office; Django imports this module by its name."""

from __future__ import annotations

from django.contrib import admin
from django_otp.plugins.otp_totp.models import TOTPDevice

from chassis.back_office.people import register_people
from product_service.backoffice import (  # noqa: F401 - each registers its own
    imports,
    jobs,
    prices,
    products,
    shelves,
    stock,
)
from product_service.backoffice.bulk import changes  # noqa: F401
from product_service.backoffice.people import PeopleAdmin
from product_service.backoffice.stocktakes import sheets  # noqa: F401

admin.site.site_header = "TechCommerce catalogue"
admin.site.index_template = "admin/catalogue/home.html"
register_people(PeopleAdmin)
admin.site.unregister(TOTPDevice)  # shown on the page of its person
