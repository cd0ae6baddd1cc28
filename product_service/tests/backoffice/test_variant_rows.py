"""Options typed as text become variants, without any script."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from chassis.ids import uuid7
from chassis.tests.back_office import Opened, errors_of, fields_of, signed_in
from product_service.catalogue.models import Option, Product
from product_service.inventory.actions import reserve
from product_service.inventory.models import Reason, StockItem, StockMovement
from product_service.inventory.reservations import Wanted, Wish
from product_service.tests.backoffice.product_form import form, new_variant, save
from product_service.tests.factories import make_product, make_variant

pytestmark = pytest.mark.django_db
NINE = "Colour: Green, Black, Blue\nSize: S, M, L"
BLANK = new_variant(sku="", amount="")  # the row that a new product has
FOR_ALL: dict[str, Any] = {"all_amount": "19.90", "all_on_hand": "7", "all_weight_grams": "250"}


def rows(product: Product) -> list[tuple[str, dict[str, str]]]:
    return list(product.variants.values_list("sku", "options"))


def test_nine_variants_of_two_lines(admin_client: Client) -> None:
    Option.objects.create(code="colour", name="Colour")
    data = form(name="Mug", options=NINE, is_published="on", **FOR_ALL) | BLANK

    response = save(admin_client, None, data)

    assert response.status_code == 302, errors_of(response)
    product = Product.objects.get()
    assert product.is_published
    assert rows(product)[:2] == [
        ("MUG-GREEN-S", {"size": "S", "colour": "Green"}),
        ("MUG-GREEN-M", {"size": "M", "colour": "Green"}),
    ]
    assert rows(product)[-1] == ("MUG-BLUE-L", {"size": "L", "colour": "Blue"})
    assert product.variants.count() == 9
    assert set(product.variants.values_list("price__amount", "weight_grams")) == {
        (Decimal("19.90"), 250)
    }
    assert set(StockMovement.objects.values_list("reason", "d_on_hand", "actor", "version")) == {
        (Reason.RECEIVED, 7, "staff:admin", 1)
    }
    assert Option.objects.get(code="size").name == "Size"


def test_a_new_value_adds_its_variants_and_touches_no_other(admin_client: Client) -> None:
    data = form(name="Mug", options="Colour: Green", **FOR_ALL) | BLANK
    save(admin_client, None, data)
    page = Opened(admin_client, Product.objects.get())
    assert page.fields["options"] == ["Colour: Green"]
    assert page.fields["variants-0-options"] == ["Colour: Green"]

    response = page.save(options="Colour: Green, Black", all_amount="25")

    assert response.status_code == 302, errors_of(response)
    found = Product.objects.get().variants.values_list("sku", "price__amount")
    assert list(found) == [("MUG-GREEN", Decimal("19.90")), ("MUG-BLACK", Decimal("25.00"))]
    assert StockMovement.objects.count() == 1


def test_the_button_shows_the_rows_and_saves_nothing(admin_client: Client) -> None:
    data = form(name="", options=NINE) | BLANK | {"_make": "Make"}

    response = save(admin_client, None, data)

    assert errors_of(response) == []
    assert "Nothing is saved yet." in response.content.decode()
    assert Product.objects.count() == 0
    fields = fields_of(response)
    assert fields["variants-8-options"] == ["Colour: Blue / Size: L"]
    # One of them is not wanted, and does not come back.
    del fields["options_made"]
    fields |= {"name": ["Mug"], "options_made": [NINE], "all_amount": ["5"]}
    fields |= {"variants-TOTAL_FORMS": ["8"], "variants-8-options": [""]}
    assert save(admin_client, None, fields).status_code == 302
    assert Product.objects.get().variants.count() == 8


def test_what_is_missing_is_told_in_its_row_and_all_is_kept(admin_client: Client) -> None:
    data = form(name="Mug", options="Size: S, M") | BLANK

    response = save(admin_client, None, data)

    assert errors_of(response) == ["This field is required."] * 2
    fields = fields_of(response)
    assert fields["variants-1-sku"] == ["MUG-M"]
    fields |= {"variants-0-amount": ["3"], "variants-1-amount": ["4"]}
    assert save(admin_client, None, fields).status_code == 302
    amounts = Product.objects.get().variants.values_list("price__amount", flat=True)
    assert list(amounts) == [Decimal(3), Decimal(4)]


WRONG = [
    ("Colour", "Write a line for each option, like “Colour: Green, Black”."),
    ("Colour: A\ncolour: B", "“colour” stands there twice. Put its values in one line."),
    (f"A: {','.join('abcdefghijklmnop')}\nB: {','.join('abcdefghijklm')}", "make 208 variants"),
    (f"A: {'x' * 81}", "is too long: at most 80 characters."),
    ("A: 1\nB: 1\nC: 1\nD: 1\nE: 1\nF: 1", "A product has 5 options at most."),
]


@pytest.mark.parametrize(("options", "error"), WRONG)
@pytest.mark.parametrize("button", ["_save", "_make"])
def test_options_that_make_no_variants_are_refused(
    admin_client: Client, options: str, error: str, button: str
) -> None:
    data = form(options=options) | new_variant() | {button: "on"}

    (told,) = errors_of(save(admin_client, None, data))

    assert error in told
    assert Product.objects.count() == 0


def test_values_with_commas_stay_whole(admin_client: Client) -> None:
    Option.objects.create(code="size", name="Size")
    product = make_product(sku="S-1")
    product.variants.update(options={"size": "27 inch, curved / flat"})
    page = Opened(admin_client, product)
    assert page.fields["options"] == ["Size: 27 inch, curved / flat;"]

    assert page.save(brand="Other").status_code == 302

    assert rows(product) == [("S-1", {"size": "27 inch, curved / flat"})]


def test_a_count_in_the_form_goes_through_the_ledger(admin_client: Client) -> None:
    product = make_product(stock=5)

    response = Opened(admin_client, product).save(**{"variants-0-on_hand": "3"})

    assert response.status_code == 302, errors_of(response)
    item = StockItem.objects.get()
    assert (item.on_hand, item.version) == (3, 2)
    movement = StockMovement.objects.get(version=2)
    assert (movement.reason, movement.d_on_hand) == (Reason.COUNTED, -2)


def test_a_sale_meanwhile_is_told_and_a_form_without_a_count_changes_no_stock(
    anna: Client,
) -> None:
    product = make_product(stock=5)
    page, other = Opened(anna, product), Opened(anna, product)
    order = uuid7()
    variant = product.variants.get()
    reserve([Wish(order, (Wanted(variant.sku, 4, variant.pk),))], actor="service:test")

    (told,) = errors_of(page.save(**{"variants-0-on_hand": "3"}))
    assert "Orders hold 4 of the pieces, so a count of 3 leaves too few." in told
    StockItem.objects.update(on_hand=9, version=2)  # somebody received more
    assert (
        "“9” here after you opened this page"
        in errors_of(other.save(**{"variants-0-on_hand": "6"}))[0]
    )
    assert Opened(anna, product).save(brand="Other").status_code == 302
    assert StockItem.objects.get().on_hand == 9


def test_rights_decide_what_the_form_may_do(client: Client) -> None:
    user = User.objects.create_user("cat", is_staff=True)
    names = ("view_product", "change_product", "view_variant", "change_variant", "add_variant")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    product = make_product(stock=5)
    page = Opened(client, product)

    assert page.save(**{"variants-0-on_hand": "3"}).status_code == 302
    assert StockItem.objects.get().on_hand == 5
    (told,) = errors_of(page.save(options="Shape: Round", all_amount="1"))
    assert told == "No option is called “Shape”, and your account may not add one."
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    assert client.get(page.address).status_code == 200


def test_a_sku_that_is_taken_is_counted_on(admin_client: Client) -> None:
    make_variant(make_product(sku="MUG-S"), "MUG-S-2", options={"n": "1"})
    data = form(name="Mug", options="Size: S", **FOR_ALL) | BLANK

    assert save(admin_client, None, data).status_code == 302

    assert rows(Product.objects.get(name="Mug")) == [("MUG-S-3", {"size": "S"})]


def test_who_changed_what_is_in_the_history(anna: Client) -> None:
    product = make_product(stock=5)
    Opened(anna, product).save(**{"variants-0-on_hand": "3", "variants-0-gtin": "4006381333931"})

    history: Any = signed_in("ben").get(f"/admin/catalogue/product/{product.pk}/history/")

    text = history.content.decode()
    assert "anna" in text
    assert "Changed GTIN and In the house for variant" in text
