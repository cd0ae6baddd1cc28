"""Routes of the inventory, mounted under /v1/."""

from __future__ import annotations

from django.urls import path

from product_service.inventory.views import CommitView, ReservationView

urlpatterns = [
    path("reservations/<uuid:order_id>", ReservationView.as_view(), name="reservation"),
    path("reservations/<uuid:order_id>/commit", CommitView.as_view(), name="reservation-commit"),
]
