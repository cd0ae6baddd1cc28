"""Routes of the inventory, mounted under /v1/."""

from __future__ import annotations

from django.urls import path

from product_service.inventory.set_views import CommitSetView, ReleaseSetView, ReserveSetView
from product_service.inventory.views import CommitView, ReservationView

urlpatterns = [
    path("reservations/batch/hold", ReserveSetView.as_view(), name="reservations-hold"),
    path("reservations/batch/commit", CommitSetView.as_view(), name="reservations-commit"),
    path("reservations/batch/release", ReleaseSetView.as_view(), name="reservations-release"),
    path("reservations/<uuid:order_id>", ReservationView.as_view(), name="reservation"),
    path("reservations/<uuid:order_id>/commit", CommitView.as_view(), name="reservation-commit"),
]
