"""Everything that is registered in the back office; Django imports this module by its name."""

from __future__ import annotations

from django.contrib import admin

from chassis.back_office.people import register_people
from product_service.backoffice import products, shelves, stock  # noqa: F401 - each registers its own

admin.site.site_header = "TechCommerce catalogue"
register_people()
