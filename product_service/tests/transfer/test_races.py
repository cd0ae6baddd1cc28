"""Imports, edits, adjustments and orders at one moment: the books agree, no value is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from product_service.catalogue.actions import change_price, publish, unpublish
from product_service.catalogue.models import Product, Variant
from product_service.inventory.actions import adjust
from product_service.inventory.models import Reason, StockItem, StockMovement
from product_service.tests.at_once import run_at_once
from product_service.tests.factories import make_product
from product_service.tests.inventory.patient import PatientOrderService
from product_service.tests.transfer.files import anna, finished, texts, uploaded
from product_service.transfer.actions.apply import apply
from product_service.transfer.actions.undo import undo
from product_service.transfer.models import Import, State

pytestmark = pytest.mark.django_db(transaction=True)
SKUS = [f"HOT-{number}" for number in range(6)]


def edit(sku: str, number: int) -> None:
    variant = Variant.objects.get(sku=sku)
    change_price(variant=variant, amount=Decimal(100 + number))
    (publish if number % 2 else unpublish)(products=Product.objects.filter(pk=variant.product_id))


def receive(sku: str) -> None:
    variant = Variant.objects.get(sku=sku)
    adjust(variant_id=variant.pk, change=1, reason=Reason.RECEIVED, actor="staff:ben")


def buy(sku: str, number: int) -> None:
    service, order = PatientOrderService(), uuid.uuid4()
    service.put(order, {sku: 1})
    (service.commit if number % 2 else service.delete)(order)


def do(of: Import) -> None:
    apply(of, user=anna())
    finished(of)


def test_sixty_four_at_once_leave_rows_and_books_equal() -> None:
    for sku in SKUS:
        make_product(sku=sku, price="10.00", stock=50)
    imports = [
        uploaded(*({"sku": sku, "on_hand": str(60 + n), "price": str(20 + n)} for sku in order))
        for n, order in enumerate([SKUS, SKUS[::-1]] * 4)
    ]
    anna()
    work: list[Callable[[], object]] = [partial(do, of) for of in imports]
    for number in range(56):
        sku = SKUS[number % len(SKUS)]
        work.append(
            (partial(edit, sku, number), partial(receive, sku), partial(buy, sku, number))[
                number % 3
            ]
        )
    run_at_once(work)
    assert {of.state for of in Import.objects.all()} == {State.IMPORTED}
    assert not StockItem.objects.drifted()
    assert not StockItem.objects.wrongly_reserved()
    for of in imports:
        of.refresh_from_db()
        undo(of, user=anna())
        finished(of)
    assert not StockItem.objects.drifted()
    for sku in SKUS:
        others = StockMovement.objects.filter(stock_item__variant__sku=sku)
        moved = sum(each.d_on_hand for each in others if not each.reference.startswith("import"))
        assert texts(sku)["on_hand"] == str(moved)


def test_one_import_begun_by_eight_people_is_done_once() -> None:
    make_product(sku="HOT-0", price="10.00", stock=50)
    of = uploaded({"sku": "HOT-0", "on_hand": "60"})
    anna()
    run_at_once([partial(do, Import.objects.get(pk=of.pk)) for _ in range(8)])
    finished(of)
    assert texts("HOT-0")["on_hand"] == "60"
    assert StockMovement.objects.filter(reference__startswith="import").count() == 1
