"""Two people who change the same field: a clash is told, and what was typed is kept."""

from __future__ import annotations

import json
import warnings
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from chassis.back_office.merging import digest
from chassis.tests.back_office import Opened, errors_of
from product_service.catalogue.models import Price
from product_service.tests.factories import (
    make_category,
    make_image,
    make_product,
    make_stock,
    make_value,
)
from tests.effort import third

pytestmark = pytest.mark.django_db


def test_a_clash_tells_who_saved_what_and_keeps_what_was_typed(anna: Client, ben: Client) -> None:
    product = make_product(price="100.00", name="Lamp")
    page = Opened(anna, product)
    Opened(ben, product).save(**{"variants-0-amount": "80.00"}, name="Light", brand="Lumo")

    response = page.save(**{"variants-0-amount": "90.00"}, name="Lantern")

    name, price = errors_of(response)
    assert name.startswith("ben (at ")
    assert "saved “Light” here after you opened this page." in name
    assert "saved “80.00” here" in price
    assert page.fields["name"] == ["Lantern"]
    assert page.fields["variants-0-amount"] == ["90.00"]
    assert Price.objects.get().amount == Decimal("80.00")

    assert page.save().status_code == 302
    product.refresh_from_db()
    assert (product.name, product.brand) == ("Lantern", "Lumo")
    assert Price.objects.get().amount == Decimal("90.00")


def test_another_error_on_the_form_does_not_hide_a_clash(anna: Client, ben: Client) -> None:
    product = make_product(price="100.00")
    page = Opened(anna, product)
    Opened(ben, product).save(**{"variants-0-amount": "80.00"})

    page.save(name="")
    page.save(name="Named")

    assert Price.objects.get().amount == Decimal("80.00")


CLASHING = [
    (lambda: User.objects.create_user("carl"), "user_permissions", ["1"], ["2"]),
    (make_category, "position", "1", "2"),
    (lambda: make_stock("MUG", 5), "low_at", "7", "8"),
    (lambda: Group.objects.create(name="Packers"), "permissions", ["1"], ["2"]),
    (lambda: User.objects.create_user("carl"), "last_name", "Carlson", "Carlsson"),
    (make_category, "description", "One", "Two"),
]


@pytest.mark.parametrize(("make", "field", "theirs", "mine"), third(CLASHING))
def test_the_same_field_is_a_clash_in_every_form(
    anna: Client, ben: Client, make: Any, field: str, theirs: Any, mine: Any
) -> None:
    row = make()
    page = Opened(anna, row)
    assert Opened(ben, row).save(**{field: theirs}).status_code == 302

    (error,) = errors_of(page.save(**{field: mine}))

    assert "here after you opened this page. Save again to replace it with yours" in error
    assert page.fields[field] == (mine if isinstance(mine, list) else [mine])
    assert page.save().status_code == 302


def test_deleting_what_somebody_else_has_just_changed_is_asked_again(
    anna: Client, ben: Client
) -> None:
    product = make_product()
    make_value(product, "ram", 8)
    page = Opened(anna, product)
    Opened(ben, product).save(**{"values-0-value": "16"})

    (error,) = errors_of(page.save(**{"values-0-DELETE": "on"}))

    assert (
        "changed “Ram” after you opened this page. Save again to delete it all the same." in error
    )
    assert product.values.get().number == 16
    assert page.save().status_code == 302
    assert not product.values.exists()


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (["a", "b"], ["b", "a"], False),
        ([[1, 2]], [[2, 1]], False),
        ([User(pk=1), User(pk=2)], [User(pk=2), User(pk=1)], True),
        (Decimal("-0.00"), Decimal(0), True),
    ],
)
def test_what_a_person_can_tell_apart_is_another_value(one: Any, other: Any, is_same: bool) -> None:
    assert (digest(one) == digest(other)) == is_same


def test_a_deleted_picture_needs_its_file_again(anna: Client, ben: Client) -> None:
    product = make_product()
    make_image(product)
    page = Opened(anna, product)
    Opened(ben, product).save(**{"images-0-DELETE": "on"})

    assert set(errors_of(page.save(**{"images-0-alt": "Typed"}))) == {
        "Somebody else deleted this picture after you opened this page."
        " Choose its file again to add it anew, or remove it.",
        "Choose a picture.",
    }


@pytest.mark.parametrize("opened", ["2020-01-01T00:00:00", "yesterday", ""])
def test_a_page_that_does_not_say_when_it_was_opened_is_told_of_a_clash(
    anna: Client, ben: Client, opened: str
) -> None:
    category = make_category()
    page = Opened(anna, category)
    Opened(ben, category).save(name="Theirs")
    (seen,) = page.fields["_seen"]
    tampered = json.dumps(json.loads(seen) | {"opened": opened})

    with warnings.catch_warnings(action="error"):
        (error,) = errors_of(page.save(name="Mine", _seen=tampered))

    assert "saved “Theirs” here after you opened this page." in error
