"""Routes of orders, mounted under /v1/."""

from __future__ import annotations

from django.urls import path

from order_service.api.choices import CountriesView, PaymentMethodsView, ShippingMethodsView
from order_service.api.views import CancelView, LookupView, OrdersView, OrderView, QuoteView

urlpatterns = [
    path("quotes", QuoteView.as_view(), name="quotes"),
    path("orders", OrdersView.as_view(), name="orders"),
    path("orders/lookup", LookupView.as_view(), name="order-lookup"),
    path("orders/<str:number>", OrderView.as_view(), name="order"),
    path("orders/<str:number>/cancel", CancelView.as_view(), name="order-cancel"),
    path("shipping-methods", ShippingMethodsView.as_view(), name="shipping-methods"),
    path("payment-methods", PaymentMethodsView.as_view(), name="payment-methods"),
    path("countries", CountriesView.as_view(), name="countries"),
]
