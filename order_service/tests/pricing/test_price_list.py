"""Tax rates, ways to ship and countries are rows: what they begin with, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from order_service.clients.quotes import forget_quotes
from order_service.pricing.models import Country, ShippingMethod, TaxRate
from order_service.pricing.price_list import NoTaxRate, country_name, price_list
from order_service.shop import cached
from order_service.shop.cached import Cached
from order_service.tests.clients import Shopper, problem_of
from order_service.tests.product_stub import Product, State

pytestmark = pytest.mark.django_db

LINES = [{"sku": "KETTLE-1", "quantity": 1}]
BEGIN = import_module("order_service.pricing.migrations.0002_begin_as_before")


def quote(shopper: Shopper, **changes: Any) -> Any:
    wish = {"lines": LINES, "country": "DE", "shipping_method": "standard", **changes}
    return shopper.post("/v1/quotes", wish)


def taxed(shopper: Shopper, country: str) -> tuple[str, str]:
    body = quote(shopper, country=country).json()
    return body["lines"][0]["tax_rate"], body["tax"]["amount"]


def test_a_shop_begins_with_what_was_written_in_the_code() -> None:
    assert list(TaxRate.objects.values_list("tax_class", "country", "rate")) == [
        ("standard", "", Decimal("0.19"))
    ]
    columns = ("code", "name", "estimate", "price", "free_from", "is_offered")
    assert list(ShippingMethod.objects.values_list(*columns)) == [
        ("standard", "Standard", "2 to 4 working days", Decimal("4.90"), Decimal("50.00"), True),
        ("express", "Express", "next working day", Decimal("9.90"), None, True),
    ]
    served = " ".join(each.code for each in price_list().served)
    assert served == "AT BE DK FI FR DE IE IT LU NL PL PT ES SE"
    assert country_name("LU") == "Luxembourg"
    assert country_name("XX") == "XX"


@pytest.mark.parametrize(
    ("currency", "standard", "limit", "express"),
    [("EUR", "4.90", "50.00", "9.90"), ("JPY", "5.00", "50.00", "10.00")],
)
def test_a_kept_shop_begins_with_the_settings_that_it_ran_with(
    settings: Settings, currency: str, standard: str, limit: str, express: str
) -> None:
    TaxRate.objects.all().delete()
    ShippingMethod.objects.all().delete()
    settings.TAX_RATE, settings.STORE_CURRENCY = Decimal("0.077"), currency

    BEGIN.fill(apps, None)
    settings.TAX_RATE = Decimal("0.25")
    BEGIN.fill(apps, None)  # begun again: the rows that are there stay

    assert TaxRate.objects.get().rate == Decimal("0.0770")
    amounts = [str(each) for each in ShippingMethod.objects.values_list("price", flat=True)]
    assert amounts == [standard, express]
    assert str(ShippingMethod.objects.get(code="standard").free_from) == limit


def test_goods_are_taxed_by_their_class_and_country(ada: Shopper, shop: State) -> None:
    assert taxed(ada, "AT") == ("0.19", "3.96")  # 3.18 + 0.78
    TaxRate.objects.create(tax_class="standard", country="AT", rate="0.20")
    TaxRate.objects.create(tax_class="reduced", country="AT", rate="0.10")
    price_list.forget()

    assert taxed(ada, "AT") == ("0.2", "4.14")  # 3.32 + 0.82
    assert taxed(ada, "DE") == ("0.19", "3.96")
    shop.products["KETTLE-1"] = Product(tax_class="reduced")
    forget_quotes()
    assert taxed(ada, "AT") == ("0.1", "2.63")  # 1.81, and shipping as standard goods: 0.82
    assert taxed(ada, "DE") == ("0.19", "3.96")  # no reduced rate: as standard goods
    shop.products["KETTLE-1"] = Product(tax_class="of a later release")
    forget_quotes()
    assert taxed(ada, "AT") == ("0.2", "4.14")


def test_without_any_rate_nothing_is_priced() -> None:
    TaxRate.objects.all().delete()
    with pytest.raises(NoTaxRate):
        price_list().tax_rate("standard", "DE")


def test_what_is_switched_off_is_not_offered_and_places_no_order(ada: Shopper, shop: State) -> None:
    ShippingMethod.objects.filter(code="standard").update(is_offered=False)
    Country.objects.filter(code="DE").update(is_served=False)

    methods = ada.get("/v1/shipping-methods").json()["items"]
    assert [each["code"] for each in methods] == ["express"]
    assert "DE" not in [each["code"] for each in ada.get("/v1/countries").json()["items"]]
    response = ada.place()
    assert problem_of(response) == (422, "not_offered")
    assert [each["pointer"] for each in response.json()["errors"]] == [
        "/shipping_address/country",
        "/shipping_method",
    ]


def test_an_order_is_answered_again_after_its_method_was_switched_off(
    ada: Shopper, shop: State
) -> None:
    first = ada.place(key="k" * 32)
    ShippingMethod.objects.update(is_offered=False)
    price_list.forget()

    again = ada.place(key="k" * 32)

    assert (again.status_code, again.json()) == (202, first.json())
    assert problem_of(ada.place()) == (422, "not_offered")


def test_a_checkout_that_began_before_is_priced_without_the_method(
    ada: Shopper, shop: State
) -> None:
    ShippingMethod.objects.filter(code="standard").update(is_offered=False)
    Country.objects.filter(code="DE").update(is_served=False)

    body = quote(ada).json()

    assert (body["shipping_method"], body["shipping"]) == (None, None)
    assert [each["code"] for each in body["shipping_methods"]] == ["express"]
    for unknown in ({"country": "XX"}, {"shipping_method": "drone"}):
        assert problem_of(quote(ada, **unknown)) == (422, "not_offered")


def test_a_quote_asks_the_database_for_nothing_until_five_seconds_are_over(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = stopped_clock(monkeypatch)
    counts = []
    for _ in range(4):
        with CaptureQueriesContext(connection) as captured:
            assert quote(ada).status_code == 200
        counts.append(len(captured))
        clock.seconds += 2.4
    assert counts == [3, 0, 0, 3]


def test_a_change_is_in_force_after_five_seconds(
    ada: Shopper, shop: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = stopped_clock(monkeypatch)
    assert taxed(ada, "DE") == ("0.19", "3.96")
    TaxRate.objects.update(rate="0.07")  # by another process
    clock.seconds += 4.9
    assert taxed(ada, "DE") == ("0.19", "3.96")
    clock.seconds += 0.2
    assert taxed(ada, "DE") == ("0.07", "1.62")


def test_the_last_value_stays_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = stopped_clock(monkeypatch)
    answers: Iterator[int] = iter((1, 2))

    def read() -> int:
        if clock.is_away:
            raise OperationalError("away")
        return next(answers)

    value = Cached(read)
    clock.is_away = True
    with pytest.raises(OperationalError):
        value()
    clock.is_away = False
    assert value() == 1
    clock.is_away = True
    clock.seconds += 6
    assert value() == 1
    clock.is_away = False
    assert value() == 1  # tried again after five seconds, not at each call
    clock.seconds += 6
    assert value() == 2


@pytest.mark.parametrize(
    ("is_set", "rate", "told"), [(1, "0.07", 1), (1, "0.19", 0), (0, "0.07", 0)]
)
def test_a_deploy_that_sets_another_tax_rate_is_told(
    settings: Settings, is_set: int, rate: str, told: int
) -> None:
    settings.TAX_RATE, settings.TAX_RATE_IS_SET = Decimal(rate), bool(is_set)

    found = [each for each in run_checks(databases=["default"]) if each.id == "pricing.W001"]

    assert len(found) == told
    if told:
        assert found[0].msg == "TAX_RATE=0.07 is not in force: the shop's rate is 0.19."
        assert "Unset TAX_RATE" in str(found[0].hint)
    assert not [each for each in run_checks() if each.id == "pricing.W001"]  # asks no database


class Clock:
    """Time for the cached rows alone."""

    seconds = 1000.0
    is_away = False

    def monotonic(self) -> float:
        return self.seconds


def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cached, "time", clock)
    return clock
