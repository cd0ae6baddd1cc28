"""Every route of product_service."""

from django.contrib import admin
from django.urls import include, path

from chassis import problems
from chassis.docs import docs, schema
from product_service.catalogue.media import media

urlpatterns = [
    path("v1/", include("product_service.catalogue.urls")),
    path("v1/", include("product_service.inventory.urls")),
    path("v1/schema", schema, name="schema"),
    path("v1/docs", docs, name="docs"),
    path("media/<str:name>", media, name="media"),
    *problems.urlpatterns,
    path("admin/", admin.site.urls),
]

handler400 = "chassis.error_handlers.bad_request"
handler403 = "chassis.error_handlers.permission_denied"
handler404 = "chassis.error_handlers.not_found"
handler500 = "chassis.error_handlers.server_error"
