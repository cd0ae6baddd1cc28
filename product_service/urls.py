"""Every route of product_service."""

from django.contrib import admin
from django.urls import path

from chassis import problems
from chassis.docs import docs, schema
from product_service.catalogue import views as catalogue
from product_service.catalogue.media import media
from product_service.inventory import set_views as sets
from product_service.inventory import views as inventory
from product_service.staff import views as staff

RESERVATION = "v1/reservations/<uuid:order_id>"
SETS = "v1/reservations/batch"

urlpatterns = [
    path("v1/products", catalogue.ProductsView.as_view(), name="products"),
    path("v1/products/<slug:slug>", catalogue.ProductView.as_view(), name="product"),
    path("v1/previews/<str:token>", catalogue.PreviewView.as_view(), name="preview"),
    path("v1/categories", catalogue.CategoriesView.as_view(), name="categories"),
    path("v1/categories/<slug:slug>", catalogue.CategoryView.as_view(), name="category"),
    path("v1/catalogue/version", catalogue.VersionView.as_view(), name="catalogue-version"),
    path("v1/quotes", catalogue.QuotesView.as_view(), name="quotes"),
    path(RESERVATION, inventory.ReservationView.as_view(), name="reservation"),
    path(f"{RESERVATION}/commit", inventory.CommitView.as_view(), name="reservation-commit"),
    path(f"{SETS}/hold", sets.ReserveSetView.as_view(), name="reservations-hold"),
    path(f"{SETS}/commit", sets.CommitSetView.as_view(), name="reservations-commit"),
    path(f"{SETS}/release", sets.ReleaseSetView.as_view(), name="reservations-release"),
    path("v1/staff/sessions", staff.StaffSessionsView.as_view(), name="staff-sessions"),
    path("v1/staff/sessions/<uuid:handle>", staff.StaffSessionView.as_view(), name="staff-session"),
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
