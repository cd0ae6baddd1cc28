"""A row of each kind that the back office shows."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User

from order_service.audit.models import Drift, DriftKind
from order_service.orders.states import State
from order_service.pricing.models import Country, ShippingMethod, TaxRate
from order_service.shop.models import ONE
from order_service.tests.admin.pages import parked
from order_service.tests.factories import confirmation_of, make_order


def rows() -> dict[str, Any]:
    """Their keys, by `app_model`. The order is one that can be cancelled and tried again."""
    sent = confirmation_of(make_order(State.CONFIRMED))
    drift = Drift.objects.create(kind=DriftKind.PAYMENT_TAKEN, reference="pay_1")
    User.objects.create(username="boss", is_staff=True, is_superuser=True)
    return {
        "auth_user": User.objects.create(username="colleague", is_staff=True).pk,
        "auth_group": Group.objects.create(name="Night shift").pk,
        "orders_order": parked().pk,
        "orders_delivery": sent.pk,
        "audit_drift": drift.pk,
        "pricing_taxrate": TaxRate.objects.create(tax_class="reduced", country="FR", rate="0.1").pk,
        "pricing_shippingmethod": ShippingMethod.objects.all()[0].pk,
        "pricing_country": Country.objects.all()[0].pk,
        "shop_shopsettings": ONE,
    }
