"""Order numbers as people type and paste them."""

from __future__ import annotations

import pytest

from chassis.ids import order_number

NUMBER = "TC-7Q2M9X4B"


@pytest.mark.parametrize(
    "typed",
    [
        *("TC-7Q2M9X4B", "tc-7q2m9x4b", "#TC-7Q2M9X4B", "# tc-7q2m9x4b", "TC7Q2M9X4B"),
        *("TC 7Q2M9X4B", "TC 7Q2M 9X4B", "T C - 7 Q 2 M 9 X 4 B", " TC-7Q2M9X4B ", "TC_7Q2M9X4B"),
        *("7Q2M9X4B", "7q2m-9x4b", "#7Q2M9X4B", "order 7Q2M9X4B", "No. 7Q2M9X4B"),
        # en dash, em dash, minus, non-breaking hyphen, hyphen, full-width, soft hyphen
        *("TC\u20137Q2M9X4B", "TC\u20147Q2M9X4B", "TC\u22127Q2M9X4B", "TC\u20117Q2M9X4B"),
        *("TC\u20107Q2M9X4B", "TC\uff0d7Q2M9X4B", "TC\xad7Q2M9X4B", "TC\ufe587Q2M9X4B"),
        *("".join(chr(ord(letter) + 0xFEE0) for letter in NUMBER), "\uff03tc-7q2m9x4b"),
        # no-break space, narrow one, zero-width ones, byte order mark, marks of direction
        *("TC\xa07Q2M9X4B", "TC\u202f7Q2M9X4B", "TC-7Q2M\u200b9X4B", "TC-\u20607Q2M9X4B"),
        *("\ufeffTC-7Q2M9X4B", "\u2066TC-7Q2M9X4B\u2069", "TC-7Q2M9X4B\u200e", "TC-7Q2M\n9X4B\n"),
        *("TC-7Q2M9X4B.", "(TC-7Q2M9X4B)", '"TC-7Q2M9X4B",', "TC-7Q2M9X4B!", "*TC-7Q2M9X4B*"),
        *("Order TC-7Q2M9X4B", "Order number: TC-7Q2M9X4B", "Your order TC-7Q2M9X4B is confirmed"),
        *("the order 7Q2M9X4B", "delivery 7Q2M9X4B", "order of 28.11.2026: 7Q2M9X4B"),
        *("delivery 7q2m-9x4b", "the order 7Q2M 9X4B"),
        *("delivery of TC-7Q2M9X4B", "№ TC-7Q2M9X4B", "Re: Your order TC-7Q2M9X4B was cancelled"),
        "https://shop.example/orders/TC-7Q2M9X4B/?token=aZ09-_aZ09",
    ],
)
def test_an_order_number_is_read_however_it_is_pasted(typed: str) -> None:
    assert order_number(typed) == NUMBER


@pytest.mark.parametrize("typed", ["TC-O1LIl0o1", "tc-o1lil0o1", "oILi1OO1", "TC-0ii11001"])
def test_letters_that_no_number_has_are_the_digits_they_look_like(typed: str) -> None:
    assert order_number(typed) == "TC-01111001"


def test_a_number_of_letters_alone_is_one() -> None:
    assert order_number("abcd efgh") == "TC-ABCDEFGH"


def test_a_number_that_begins_like_its_prefix_is_whole() -> None:
    assert order_number("TC-TC7Q2M9X") == order_number("tctc7q2m9x") == "TC-TC7Q2M9X"


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "#", "TC-", "TC-7Q2M9X4", "TC-7Q2M9X4BC", "TC-0001"),
        *("TC-7Q2M9X4\u00c9", "TC-7Q2M\u04309X4", "ada@example.org", "TC-7Q2M9XUB"),
    ],
)
def test_what_holds_no_order_number_is_none(typed: str) -> None:
    assert order_number(typed) is None
