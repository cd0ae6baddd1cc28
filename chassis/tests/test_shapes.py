"""What a body may hold, and how all that is wrong with it is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from chassis.errors import Invalid
from chassis.logs import get_logger
from chassis.shapes import Body, Price, Several, matching, one_of, reader, text, whole


class Line(Body):
    sku: Annotated[str, matching(r"^[A-Z-]+", "This is not a SKU.", max_length=8)]
    variant_id: Annotated[int | None, whole(1, 9)] = None
    quantity: Annotated[int, whole(1, 99)]


class Order(Body):
    lines: Annotated[tuple[Line, ...], Several(2)]
    name: Annotated[str, text(5)]
    note: Annotated[str, text(5, allow_blank=True)] = ""
    way: Annotated[str, one_of({"road": "Road"})] | None = None
    total: Price


LINE = {"sku": "MUG", "quantity": 1}
ORDER: dict[str, Any] = {
    "lines": [LINE],
    "name": "Ada",
    "total": {"amount": "1.50", "currency": "EUR"},
}


def refused(body: object) -> list[tuple[str, str, str]]:
    with pytest.raises(Invalid) as caught:
        Order.read(body)
    return [(each.pointer, each.detail, each.code) for each in caught.value.errors]


def test_a_body_is_read_into_our_types() -> None:
    order = Order.read({**ORDER, "name": " Ada ", "lines": [{**LINE, "quantity": 2.0}]})

    assert order.lines == (Line(sku="MUG", quantity=2),)
    assert type(order.lines[0].quantity) is int
    assert (order.name, order.note, order.way) == ("Ada", "", None)
    assert str(order.total) == "1.50 EUR"


def test_all_that_is_wrong_is_told_in_the_order_of_the_fields() -> None:
    lines = [{"quantity": "1"}, {**LINE, "sku": "mug-mug-mug", "variant_id": None}]

    assert refused({"note": "a\nb and more", "way": "sea", "lines": lines, "total": 1}) == [
        ("/lines/0/sku", "This field is required.", "required"),
        ("/lines/0/quantity", "A valid integer is required.", "invalid"),
        ("/lines/1/sku", "Ensure this field has no more than 8 characters.", "max_length"),
        ("/lines/1/sku", "This is not a SKU.", "invalid"),
        ("/lines/1/variant_id", "This field may not be null.", "null"),
        ("/name", "This field is required.", "required"),
        ("/note", "Ensure this field has no more than 5 characters.", "max_length"),
        ("/note", "Leave out line breaks and control characters.", "invalid"),
        ("/way", '"sea" is not a valid choice.', "invalid_choice"),
        ("/total", 'Give money as {"amount": "19.90", "currency": "EUR"}.', "invalid_money"),
    ]


def test_of_an_object_with_unknown_fields_nothing_else_is_told() -> None:
    unknown = ("This field is not known here; leave it out.", "unknown_field")

    assert refused({**ORDER, "name": "", "lines": [{"z": 1, "a": 2}]}) == [
        ("/lines/0/a", *unknown),
        ("/lines/0/z", *unknown),
        ("/name", "This field may not be blank.", "blank"),
    ]
    assert refused({"lines": [{"z": 1}], "a/b": 1}) == [("/a~1b", *unknown)]
    assert refused({**ORDER, "\ud800": 1}) == [("/\ud800", *unknown)]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("MUG", ('Expected a list of items but got type "str".', "not_a_list")),
        ({"0": LINE}, ('Expected a list of items but got type "dict".', "not_a_list")),
        ([], ("This list may not be empty.", "empty")),
        ([{}] * 3, ("Ensure this field has no more than 2 elements.", "max_length")),
        (None, ("This field may not be null.", "null")),
    ],
)
def test_a_list_that_is_none_or_too_long_is_refused_unread(lines: object, reason: object) -> None:
    assert refused({**ORDER, "lines": lines}) == [("/lines", *reason)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], ("Invalid data. Expected a dictionary, but got list.", "invalid")),
        ("x", ("Invalid data. Expected a dictionary, but got str.", "invalid")),
        (None, ("No data provided", "null")),
    ],
)
def test_a_body_that_is_no_object_is_refused_as_a_whole(body: object, reason: Any) -> None:
    assert refused(body) == [("", *reason)]


@dataclass(frozen=True)
class Parcel:
    name: str
    prices: tuple[Price, ...]


PRIVATE = {"name": ["Ada Lovelace"], "prices": ["ada@example.org"]}


def test_the_traceback_of_a_bad_answer_repeats_nothing_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        reader(Parcel)(PRIVATE)
    except ValueError:
        get_logger("test").exception("bad answer")
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(ORDER | PRIVATE)

    assert "ValueError: 2 wrong, first ('name',): string_type" in caplog.text
    assert "ada" not in f"{caplog.text}{caught.value}".lower()
