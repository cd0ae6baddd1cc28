"""Money: exact arithmetic, half-up rounding, a strict wire form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.money import Money, half_up


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("1.005", "EUR", "1.01"), ("1.004", "EUR", "1.00"), ("-1.005", "EUR", "-1.01")],
)
def test_half_up_rounds_halves_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert half_up(Decimal(amount), currency) == Decimal(rounded)


def test_yen_has_no_decimals() -> None:
    assert Money.of("1999.5", "JPY").to_wire() == {"amount": "2000", "currency": "JPY"}
    assert Money.of("2000", "JPY").minor_units() == 2000


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different currencies"):
        Money.of(1, "EUR") + Money.of(1, "USD")


@pytest.mark.parametrize(
    "wire",
    [
        None,
        "19.90",
        {"amount": "19.90"},
        {"amount": 19.9, "currency": "EUR"},
        {"amount": "19.901", "currency": "EUR"},
        {"amount": "NaN", "currency": "EUR"},
        {"amount": "Infinity", "currency": "EUR"},
        {"amount": "abc", "currency": "EUR"},
        {"amount": "1e30", "currency": "EUR"},
        {"amount": "19.90", "currency": "eur"},
        {"amount": "19.90", "currency": "EUR", "extra": 1},
    ],
)
def test_a_wrong_wire_form_is_refused(wire: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Money.from_wire(wire)


@given(st.integers(-(10**11), 10**11))
def test_minor_units_and_wire_round_trip(units: int) -> None:
    money = Money.from_minor_units(units, "EUR")
    assert money.minor_units() == units
    assert Money.from_wire(money.to_wire()) == money
