"""A row of each kind that the back office shows."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from product_service.bulk.models import BulkChange, Kind
from product_service.catalogue.models import Option, PriceChange
from product_service.inventory.models import Reservation, ReservationLine, StockMovement
from product_service.jobs.models import Job
from product_service.stocktake.models import StockTake
from product_service.tests.factories import make_image, make_product, make_value
from product_service.transfer.models import Import, State

SHEET_VIEWS = ("book", "print", "discard")


def rows() -> dict[str, Any]:
    """Their keys, by `app_model`, and by the first two words of a view of its own."""
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
        "catalogue_pricechange": PriceChange.objects.get().pk,
        **_bulk_work(product.pk),
    }


def _bulk_work(product: int) -> dict[str, Any]:
    """What is done with many products or pieces at once."""
    change = BulkChange.objects.create(
        kind=Kind.UNPUBLISH, product_ids=[product], actor="boss", made_at=timezone.now()
    )
    sheet = StockTake.objects.create(name="Shelf 1", opened_by="boss").pk
    job = Job.objects.create(kind="import_check", by="boss", state="done")
    file = Import.objects.create(
        file_name="a.csv", content=b"SKU,Price\n", state=State.CHECKED, by="boss", job=job
    )
    return {
        "bulk_bulkchange": change.pk,
        **dict.fromkeys(("stocktake_" + each for each in ("stocktake", *SHEET_VIEWS)), sheet),
        "jobs_job": job.pk,
        "transfer_import": file.pk,
        "transfer_errors": file.pk,
        **dict.fromkeys(("transfer_export", "transfer_template"), "csv"),
    }
