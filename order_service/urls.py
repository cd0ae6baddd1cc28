"""Every route of order_service."""

from django.contrib import admin
from django.urls import include, path

from chassis import problems
from chassis.docs import docs, schema

urlpatterns = [
    path("v1/", include("order_service.api.urls")),
    path("v1/schema", schema, name="schema"),
    path("v1/docs", docs, name="docs"),
    *problems.urlpatterns,
    path("admin/", admin.site.urls),
]

handler400 = "chassis.error_handlers.bad_request"
handler403 = "chassis.error_handlers.permission_denied"
handler404 = "chassis.error_handlers.not_found"
handler500 = "chassis.error_handlers.server_error"
