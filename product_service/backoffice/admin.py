"""Everything that is registered in the back office; Django imports this module by its name."""

from __future__ import annotations

from django.contrib import admin

from product_service.backoffice import (  # noqa: F401 - each registers its own
    imports,
    jobs,
    prices,
    products,
    shelves,
    stock,
)
from product_service.backoffice.bulk import changes  # noqa: F401
from product_service.backoffice.stocktakes import sheets  # noqa: F401

admin.site.site_header = "TechCommerce catalogue"
admin.site.index_template = "admin/catalogue/home.html"
