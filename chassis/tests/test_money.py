"""Money: exact arithmetic, half-up rounding, a strict wire form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.money import Money, half_up, precision


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


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        *(("EUR", 2), ("USD", 2), ("SEK", 2), ("CHF", 2), ("HUF", 2), ("MGA", 2)),
        *(("JPY", 0), ("KRW", 0), ("VND", 0), ("ISK", 0), ("UGX", 0), ("CLP", 0), ("XOF", 0)),
        *(("BHD", 3), ("KWD", 3), ("TND", 3), ("CLF", 4)),
    ],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert precision(currency) == Decimal(1).scaleb(-decimals)
    assert Money.of("1990", currency).minor_units() == 1990 * 10**decimals
    assert Money.from_minor_units(1990 * 10**decimals, currency) == Money.of("1990", currency)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1299", "EUR", "€1,299.00"),
        ("-4.90", "USD", "−$4.90"),
        ("1990.00", "JPY", "¥1,990"),
        ("30000", "VND", "VND 30,000"),
        ("1234.5", "CHF", "CHF 1,234.50"),
    ],
)
def test_money_is_written_as_people_read_it(amount: str, currency: str, written: str) -> None:
    assert Money(Decimal(amount), currency).written() == written
