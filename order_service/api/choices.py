"""What a checkout offers to choose from: ways to ship, ways to pay, countries."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from chassis.money import Money
from order_service.api import shapes
from order_service.api.access import OrdersCall
from order_service.api.answers import answer
from order_service.api.described import problems
from order_service.payments.gateways.registry import gateways
from order_service.pricing.price_list import price_list


class ShippingMethodsView(OrdersCall):
    @extend_schema(
        operation_id="list_shipping_methods",
        responses={200: shapes.ShippingMethodList, **problems()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List the shipping methods. A quote says what each costs for a cart."""
        currency = settings.STORE_CURRENCY
        offered = [
            shapes.ShippingMethodOffer(
                code=method.code,
                name=method.name,
                estimate=method.estimate,
                price=Money.of(method.price, currency).to_wire(),
                free_from=free.to_wire() if (free := method.free_in(currency)) else None,
            )
            for method in price_list().offered
        ]
        return answer(shapes.ShippingMethodList(items=offered))


class PaymentMethodsView(OrdersCall):
    @extend_schema(
        operation_id="list_payment_methods",
        responses={200: shapes.PaymentMethodList, **problems()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List the ways to pay, as the payment providers offer them."""
        offered = [
            shapes.PaymentMethod(
                code=method.code,
                token=method.code,
                name=method.name,
                note=method.note,
                kind=method.kind,
            )
            for method in gateways().methods.values()
        ]
        return answer(shapes.PaymentMethodList(items=offered))


class CountriesView(OrdersCall):
    @extend_schema(
        operation_id="list_countries",
        responses={200: shapes.CountryList, **problems()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List the countries that the shop ships to."""
        served = [shapes.Country(code=each.code, name=each.name) for each in price_list().served]
        return answer(shapes.CountryList(items=served))
