"""Values that must be unique: they may change places, and who comes second is told."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from chassis.tests.back_office import Opened, errors_of, signed_in
from chassis.tests.refusing import FOREIGN, refusing, rules, written
from product_service.catalogue.models import (
    Attribute,
    AttributeValue,
    Category,
    Image,
    Option,
    Price,
    Product,
    Variant,
)
from product_service.inventory.models import StockItem
from product_service.tests.at_once import run_at_once
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_stock,
    make_value,
    make_variant,
)
from product_service.transfer.models import Import

pytestmark = pytest.mark.django_db


def two_variants() -> Any:
    Option.objects.get_or_create(code="colour", name="Colour")
    product = make_product(sku="RED")
    Variant.objects.update(options={"colour": "Red"})
    make_variant(product, "BLUE", options={"colour": "Blue"})
    return product


@pytest.mark.parametrize("field", ["sku", "options", "position"])
def test_two_variants_change_places(field: str) -> None:
    product = two_variants()
    page = Opened(signed_in("anna"), product)
    first, second = (page.fields[f"variants-{n}-{field}"] for n in (0, 1))

    response = page.save(**{f"variants-0-{field}": second, f"variants-1-{field}": first})

    assert response.status_code == 302, errors_of(response)
    now = Opened(signed_in("anna"), product).fields
    row = next(n for n in (0, 1) if now[f"variants-{n}-id"] == page.fields["variants-0-id"])
    assert (now[f"variants-{row}-{field}"], now[f"variants-{1 - row}-{field}"]) == (second, first)


def test_two_specifications_change_places() -> None:
    product = make_product()
    ram, ssd = make_value(product, "ram", 8), make_value(product, "ssd", 256)
    page = Opened(signed_in("anna"), product)

    response = page.save(
        **{"values-0-attribute": ssd.attribute_id, "values-1-attribute": ram.attribute_id}
    )

    assert response.status_code == 302, errors_of(response)
    assert dict(product.values.values_list("attribute__code", "number")) == {
        "ram": Decimal(256),
        "ssd": Decimal(8),
    }


def test_a_value_of_a_deleted_row_is_free_for_another(client: Client) -> None:
    product = make_product()
    ram, _ = make_value(product, "ram", 8), make_value(product, "ssd", 256)
    page = Opened(signed_in("anna"), product)

    response = page.save(**{"values-0-DELETE": "on", "values-1-attribute": ram.attribute_id})

    assert response.status_code == 302, errors_of(response)
    assert list(product.values.values_list("attribute__code", "number")) == [("ram", Decimal(256))]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"variants-1-sku": "RED"}, "Please correct the duplicate data for sku."),
        ({"variants-1-sku": "OTHER"}, "“OTHER” already belongs to <a href="),
        ({"variants-1-options": "Colour: Red"}, "Please correct the duplicate data for"),
        ({"variants-1-options": "Colour: " + "x" * 3000}, "at most 80 characters"),
    ],
)
def test_a_taken_value_is_told(changes: dict[str, str], error: str) -> None:
    product = two_variants()
    make_product(sku="OTHER")

    errors = errors_of(Opened(signed_in("anna"), product).save(**changes))

    assert any(error in each for each in errors), errors
    assert set(product.variants.values_list("sku", flat=True)) == {"RED", "BLUE"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["category", "variant", "user"])
def test_of_two_people_who_save_the_same_name_at_once_one_is_told(kind: str) -> None:
    pages = [Opened(signed_in(name), _new_row(kind)) for name in ("anna", "ben")]
    field, value = {
        "category": ("slug", "same"),
        "variant": ("variants-0-sku", "SAME"),
        "user": ("username", "same"),
    }[kind]

    responses = run_at_once([partial(page.save, **{field: value}) for page in pages])

    statuses = sorted(response.status_code for response in responses)
    assert statuses == [200, 302]
    refused = next(response for response in responses if response.status_code == 200)
    assert errors_of(refused)
    assert value in refused.content.decode()


def _new_row(kind: str) -> Any:
    if kind == "user":
        return User.objects.create_user(f"carl-{User.objects.count()}")
    return make_category() if kind == "category" else make_product()


def a_product() -> Any:
    product = make_product()
    make_image(product)
    make_value(product, "ram", 8)
    return product


# A page for each model that forms write, and a change on it that writes its table.
PAGES: dict[Any, tuple[Any, dict[str, str]]] = {
    Product: (a_product, {"name": "Typed"}),
    Variant: (a_product, {"variants-0-sku": "TYPED"}),
    Price: (a_product, {"variants-0-amount": "1.23"}),
    Image: (a_product, {"images-0-alt": "Typed"}),
    AttributeValue: (a_product, {"values-0-value": "1.23"}),
    Category: (make_category, {"name": "Typed"}),
    Attribute: (lambda: make_value(make_product(), "ram", 8).attribute, {"name": "Typed"}),
    Option: (lambda: Option.objects.create(code="colour", name="Colour"), {"name": "Typed"}),
    StockItem: (lambda: make_stock("MUG", 5), {"low_at": "123"}),
    User: (lambda: User.objects.create_user("carl"), {"first_name": "Typed"}),
    Group: (lambda: Group.objects.create(name="Packers"), {"name": "Typed"}),
}


def test_the_table_of_pages_names_every_model_that_forms_write() -> None:
    """The page of an import has buttons, each of which is an action."""
    assert set(PAGES) == (written() | {Price}) - {Import}


@pytest.mark.parametrize("make", dict.fromkeys(make for make, _ in PAGES.values()))
def test_no_rule_of_the_database_breaks_a_form(make: Any) -> None:
    """All models of a page on one that is opened once, and saved in the end."""
    page = Opened(signed_in("anna"), make())
    opened = page.fields
    everything: dict[str, str] = {}
    for model in (each for each in PAGES if PAGES[each][0] is make):
        changes = PAGES[model][1]
        page.fields = opened
        everything |= changes
        for state, name in rules(model):
            with refusing(model, state, name):
                response = page.save(**changes)

            (error,) = errors_of(response)
            assert error.endswith("."), error
            assert "violat" not in error
            assert name not in error
            for field, typed in changes.items():
                assert page.fields[field] == [typed]
    assert page.save(**everything).status_code == 302


def test_an_action_that_the_database_refuses_has_changed_nothing() -> None:
    """Django writes the history before it deletes."""
    group, client = Group.objects.create(name="Packers"), signed_in("anna")
    selected = {"action": "delete_selected", "_selected_action": group.pk, "post": "yes"}

    with refusing(Group, FOREIGN, "some_fk"):
        response = client.post("/admin/auth/group/", selected, follow=True)

    assert "Nothing was changed." in response.content.decode()
    assert not LogEntry.objects.exists()
    assert client.post("/admin/auth/group/", selected).status_code == 302
    assert not Group.objects.filter(pk=group.pk).exists()
