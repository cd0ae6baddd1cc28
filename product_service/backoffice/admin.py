"""Everything that is registered in the back office; Django imports this module by its name."""

from __future__ import annotations

from django.contrib import admin

from product_service.backoffice import (  # noqa: F401 - each registers its own
    imports,
    jobs,
    products,
    shelves,
    stock,
)

admin.site.site_header = "TechCommerce catalogue"
