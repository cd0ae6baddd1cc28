"""What becomes of products by itself, when its time has come."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from product_service.catalogue import actions
from product_service.catalogue.models import Product

AT_ONCE = 100


@transaction.atomic
def publish_due() -> int:
    """Publish the drafts whose time has come; returns how many.

    One that cannot be shown yet, without a price or with a picture that nobody has described,
    waits until it can.
    """
    rows = Product.objects.kept().filter(publish_at__lte=Now(), is_published=False)
    sellable = Q(variants__is_active=True, variants__price__isnull=False)
    ready = rows.filter(sellable).exclude(images__needs_alt=True)
    ids = set(ready.values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    locked = Product.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    products = list(locked)
    actions.publish(products=products)
    return len(products)
