"""A row of each kind that the back office shows."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from product_service.catalogue.models import Option
from product_service.inventory.models import Reservation, ReservationLine, StockMovement
from product_service.tests.factories import make_image, make_product, make_value


def rows() -> dict[str, Any]:
    """Their keys, by `app_model`."""
    product = make_product()
    make_image(product)
    variant = product.variants.get()
    option = Option.objects.create(code="colour", name="Colour")
    held = Reservation.objects.create(
        order_id=uuid.uuid4(), state="held", expires_at=timezone.now()
    )
    ReservationLine.objects.create(reservation=held, variant=variant, sku=variant.sku, quantity=1)
    User.objects.create(username="boss", is_staff=True, is_superuser=True)
    return {
        "auth_user": User.objects.create(username="colleague", is_staff=True).pk,
        "auth_group": Group.objects.create(name="Night shift").pk,
        "catalogue_product": product.pk,
        "catalogue_category": product.category_id,
        "catalogue_attribute": make_value(product, "battery", 30).attribute_id,
        "catalogue_option": option.pk,
        "inventory_stockitem": variant.pk,
        "inventory_stockmovement": StockMovement.objects.get().pk,
        "inventory_reservation": held.pk,
    }
