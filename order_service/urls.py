"""Every route of order_service."""

from django.contrib import admin
from django.urls import path

from chassis import problems
from chassis.docs import docs, schema
from order_service.api.choices import CountriesView, PaymentMethodsView, ShippingMethodsView
from order_service.api.views import CancelView, LookupView, OrdersView, OrderView, QuoteView

urlpatterns = [
    path("v1/quotes", QuoteView.as_view(), name="quotes"),
    path("v1/orders", OrdersView.as_view(), name="orders"),
    path("v1/orders/lookup", LookupView.as_view(), name="order-lookup"),
    path("v1/orders/<str:number>", OrderView.as_view(), name="order"),
    path("v1/orders/<str:number>/cancel", CancelView.as_view(), name="order-cancel"),
    path("v1/shipping-methods", ShippingMethodsView.as_view(), name="shipping-methods"),
    path("v1/payment-methods", PaymentMethodsView.as_view(), name="payment-methods"),
    path("v1/countries", CountriesView.as_view(), name="countries"),
    path("v1/schema", schema, name="schema"),
    path("v1/docs", docs, name="docs"),
    *problems.urlpatterns,
    path("admin/", admin.site.urls),
]

handler400 = "chassis.error_handlers.bad_request"
handler403 = "chassis.error_handlers.permission_denied"
handler404 = "chassis.error_handlers.not_found"
handler500 = "chassis.error_handlers.server_error"
