"""What people type as a number is read when there is one way to read it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from chassis.forms import NumberField, WholeNumberField
from chassis.numbers import read_number, written


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", "10"), ("0", "0"), ("10.5", "10.5"), ("10,5", "10.5"), ("10,50", "10.50"),
        (" 19.90 ", "19.90"), ("-3", "-3"), ("−3", "-3"), ("+3", "3"), (",5", "0.5"),
        ("0,500", "0.5"), ("0.125", "0.125"), ("1234,567", "1234.567"), ("10000", "10000"),
        ("1 299", "1299"), ("1 299,00", "1299"), ("1\u202f299,00", "1299"), ("1 299,000", "1299"),
        ("1,299.00", "1299"), ("1.299,00", "1299"), ("1'299.00", "1299"), ("1’299", "1299"),
        ("1,299,000", "1299000"), ("1.299.000", "1299000"), ("1,234,567.891", "1234567.891"),
        ("１２", "12"), ("١٢٫٥", "12.5"),
    ],
)  # fmt: skip
def test_a_number_with_one_reading_is_read(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10,000", "“10,000” can mean 10 or 10000. Type 10.00 or 10000."),
        ("10.000", "“10.000” can mean 10 or 10000. Type 10.00 or 10000."),
        ("1.000", "“1.000” can mean 1 or 1000. Type 1.00 or 1000."),
        ("1,250", "“1,250” can mean 1.25 or 1250. Type 1.25 or 1250."),
        ("1.125", "“1.125” can mean 1.125 or 1125. Type 1.1250 or 1125."),
        ("-10,000", "“-10,000” can mean -10 or -10000. Type -10.00 or -10000."),
        ("+10,000", "“+10,000” can mean 10 or 10000. Type 10.00 or 10000."),
        ("١٠,٠٠٠", "“١٠,٠٠٠” can mean 10 or 10000. Type 10.00 or 10000."),
    ],
)
def test_a_number_with_two_readings_is_refused_with_both(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_number(text)
    assert refused.value.messages == [sentence]


@pytest.mark.parametrize(
    "text",
    ["", "ten", "1e3", "NaN", "Infinity", "1_000", "0x10", "10²", "½", "1,2,3", "12 34", "1,00,000",
     "1.299,00,5", "1,299,00", "€5", "5 EUR", "5%", "10.", "--3", "- 3", "(3)", "0,500,000",
     "9" * 5000, "\u202e12"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_number(text)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("number", ["1.125", "10", "10000", "0.125", "-1.125", "1234.5670", "100"])
def test_what_a_field_shows_can_be_sent_back(number: str) -> None:
    assert read_number(written(Decimal(number))) == Decimal(number)


@pytest.mark.parametrize(
    ("places", "text", "advice"),
    [
        (0, "10,000", "Type it without a dot or a comma."),
        (2, "19.999", "Type it without a dot or a comma, or with 2 decimals at most."),
        (2, "10,000", "Type 10.00 or 10000."),
        (4, "19.999", "Type 19.9990 or 19999."),
    ],
)
def test_the_advice_can_be_followed(places: int, text: str, advice: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_number(text, places=places)
    assert refused.value.messages[0].endswith(f". {advice}")


def test_a_field_tells_what_is_wrong() -> None:
    def told(field: NumberField | WholeNumberField, text: str) -> list[str]:
        with pytest.raises(ValidationError) as refused:
            field.clean(text)
        return refused.value.messages

    assert NumberField(decimal_places=2).clean("1 299,50") == Decimal("1299.50")
    assert WholeNumberField().clean("1 299") == 1299
    assert WholeNumberField().clean("12,00") == 12
    assert told(WholeNumberField(), "10,000") == [
        "“10,000” can mean 10 or 10000. Type it without a dot or a comma."
    ]
    assert told(WholeNumberField(), "1,5") == ["Enter a whole number."]
    assert told(NumberField(), "5 EUR") == [
        "Enter a number like 1299.50, without a unit or a currency sign."
    ]
