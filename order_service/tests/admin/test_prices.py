"""Prices in the back office: who changes a row changes what the next cart costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from chassis.tests.back_office import Opened, errors_of, page_of, signed_in
from order_service.pricing.models import Country, ShippingMethod, TaxRate
from order_service.tests.clients import Shopper
from order_service.tests.product_stub import State

pytestmark = pytest.mark.django_db(transaction=True)

LINES = [{"sku": "KETTLE-1", "quantity": 1}]
RATE = {"tax_class": "standard", "country": "AT", "rate": "0.20"}


@pytest.fixture
def owner() -> Client:
    return signed_in("olga")


@pytest.fixture(autouse=True)
def _rows_as_before() -> object:
    """These tables are not emptied after a test, so what a test changes is put back."""
    kept = [(model, list(model.objects.all())) for model in (TaxRate, ShippingMethod, Country)]
    yield
    for model, rows in kept:
        model.objects.exclude(pk__in=[row.pk for row in rows]).delete()
        for row in rows:
            row.save()


def tax_and_total(shopper: Shopper) -> tuple[str, str]:
    wish = {"lines": LINES, "country": "AT", "shipping_method": "standard"}
    body = shopper.post("/v1/quotes", wish).json()
    return body["tax"]["amount"], body["total"]["amount"]


def test_a_changed_row_is_in_the_next_quote(owner: Client, ada: Shopper, shop: State) -> None:
    assert tax_and_total(ada) == ("3.96", "24.80")

    page = Opened(owner, TaxRate.objects.get())
    assert page.save(rate="0.07").status_code == 302
    assert tax_and_total(ada) == ("1.62", "24.80")

    page = Opened(owner, ShippingMethod.objects.get(code="standard"))
    assert page.save(price="5,90", free_from="19.90").status_code == 302
    assert tax_and_total(ada) == ("1.30", "19.90")

    response = owner.post("/admin/pricing/taxrate/add/", RATE)
    assert response.status_code == 302, errors_of(response)
    assert tax_and_total(ada) == ("3.32", "19.90")

    address = page_of(TaxRate.objects.get(country="AT")).replace("/change/", "/delete/")
    assert owner.post(address, {"post": "yes"}).status_code == 302
    assert tax_and_total(ada) == ("1.30", "19.90")


def test_a_rate_of_a_country_goes_and_the_one_of_all_others_stays(owner: Client) -> None:
    of_austria = TaxRate.objects.create(**RATE)
    everywhere = TaxRate.objects.get(country="")

    for row, status in ((of_austria, 302), (everywhere, 403)):
        address = page_of(row).replace("/change/", "/delete/")
        assert owner.post(address, {"post": "yes"}).status_code == status
    assert list(TaxRate.objects.all()) == [everywhere]


@pytest.mark.parametrize("rate", ["19", "-0.01", "1"])
def test_a_rate_is_a_share(owner: Client, rate: str) -> None:
    (error,) = errors_of(Opened(owner, TaxRate.objects.get()).save(rate=rate))
    assert error == "Write it as a share: 0.19 for 19 %."


def test_wrong_values_are_told(owner: Client, settings: object) -> None:
    response = owner.post("/admin/pricing/taxrate/add/", RATE | {"country": "at"})
    assert errors_of(response) == ["Write two capital letters, like DE."]
    response = owner.post("/admin/pricing/taxrate/add/", RATE | {"country": ""})
    assert errors_of(response) == ["Tax rate with this Tax class and Country already exists."]
    page = Opened(owner, ShippingMethod.objects.get(code="express"))
    assert errors_of(page.save(price="-1")) == ["Ensure this value is greater than or equal to 0."]


def test_countries_and_methods_are_switched_off_and_keep_their_code(owner: Client) -> None:
    for row in (Country.objects.get(code="DE"), ShippingMethod.objects.get(code="express")):
        assert owner.post(page_of(row).replace("/change/", "/delete/")).status_code == 403
        page = Opened(owner, row)
        assert page.save(code="other", name="Renamed").status_code == 302
        row.refresh_from_db()
        assert (row.code == "other", row.name) == (False, "Renamed")


def test_the_lists_show_what_holds(owner: Client) -> None:
    rates = owner.get("/admin/pricing/taxrate/").content.decode()
    assert "all other countries" in rates
    assert "19 %" in rates
    methods = owner.get("/admin/pricing/shippingmethod/").content.decode()
    assert "4.90 EUR" in methods
    assert "50.00 EUR" in methods


def test_who_may_only_look_changes_nothing() -> None:
    user = User.objects.create(username="carl", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_taxrate"))
    client = Client()
    client.force_login(user)
    row = TaxRate.objects.get()

    assert client.get(page_of(row)).status_code == 200
    assert client.post(page_of(row), {"rate": "0.07"}).status_code == 403
    assert client.get("/admin/pricing/country/").status_code == 403
    row.refresh_from_db()
    assert row.rate == Decimal("0.19")
