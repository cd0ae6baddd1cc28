"""Answers of a newer and of an older release are understood; those of another shape are not."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from chassis.http import Unavailable
from storefront.clients.calls import Items, understood
from storefront.clients.order_answers import PaymentMethod
from storefront.clients.product_answers import QuotedLine, QuotedLines

PRICE = {"amount": "1.50", "currency": "EUR"}
IMAGE = {"url": "/media/mug.png", "alt": "A mug", "width": 40, "height": 30}
LINE: dict[str, Any] = {
    "sku": "MUG",
    "quantity": 2,
    "status": "ok",
    "available": 5,
    "name": "Mug",
    "options": {"colour": "Black"},
    "product_slug": "mug",
    "image": IMAGE,
    "unit_price": PRICE,
}


def line(**change: object) -> QuotedLine:
    body = {"lines": [{**LINE, **change}], "currency": "EUR"}
    return understood("product_service", QuotedLines, body).lines[0]


def test_an_older_release_may_leave_fields_out() -> None:
    quoted = line()

    assert quoted.variant_id is None
    assert quoted.image is not None
    assert quoted.image.sizes == ()
    assert quoted.options == (("colour", "Black"),)
    assert line(options=None, available=None).options == ()
    old = {"items": [{"token": "tok", "name": "Card", "note": ""}]}
    (method,) = understood("order_service", Items[PaymentMethod], old).items
    assert (method.code, method.kind) == ("tok", "token")


def test_a_newer_release_may_answer_more() -> None:
    assert line(weight_grams=300, image={**IMAGE, "blurhash": "x"}) == line()


@pytest.mark.parametrize(
    "change",
    [
        {"sku": 5},
        {"quantity": "two"},
        {"name": ["Mug"]},
        {"options": ["Black"]},
        {"image": {"url": "/media/mug.png"}},
        {"unit_price": {"amount": 1.5, "currency": "EUR"}},
    ],
)
def test_an_answer_of_another_shape_is_no_answer(change: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as caught:
        line(**change)

    assert caught.value.reason == "malformed"


def test_the_traceback_of_a_bad_answer_repeats_nothing_of_it() -> None:
    private = {"name": ["Ada Lovelace"]}
    with pytest.raises(Unavailable) as caught:
        line(**private)

    told = "".join(traceback.format_exception(caught.value))
    assert "1 wrong, first ('lines', 0, 'name'): string_type" in told
    assert "Ada" not in told


@pytest.mark.parametrize("body", [None, [], "x", {}, {"lines": None}, {"lines": [None]}])
def test_a_body_of_another_shape_is_no_answer(body: object) -> None:
    with pytest.raises(Unavailable):
        understood("product_service", QuotedLines, body)
