"""The accounts of the back office of orders: saved field by field, and never into a 500."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client

from chassis.tests.back_office import Opened, errors_of, fields_of, signed_in
from chassis.tests.refusing import refusing, rules, written
from order_service.pricing.models import Country, ShippingMethod, TaxRate
from order_service.shop.models import ShopSettings

pytestmark = pytest.mark.django_db

# of each model a row, one of its fields, and what is typed into it
PAGES: dict[Any, tuple[Any, str, str]] = {
    User: (lambda: User.objects.create_user("carl"), "first_name", "Typed"),
    Group: (lambda: Group.objects.create(name="Support"), "name", "Typed"),
    Country: (lambda: Country.objects.get(code="DE"), "name", "Typed"),
    ShippingMethod: (lambda: ShippingMethod.objects.get(code="express"), "name", "Typed"),
    ShopSettings: (ShopSettings.objects.get, "name", "Typed"),
    TaxRate: (TaxRate.objects.get, "rate", "0.07"),
}


def test_the_table_of_pages_names_every_model_that_forms_write() -> None:
    assert set(PAGES) == written()
    assert [each for each in admin.site._registry.values() if each.list_editable] == []


@pytest.mark.parametrize("model", [User, Group])
def test_two_people_keep_both_changes_and_are_told_of_a_clash(model: Any) -> None:
    make, name, _ = PAGES[model]
    row = make()
    rights = "permissions" if model is Group else "user_permissions"
    page, other = (Opened(signed_in(who), row) for who in ("anna", "ben"))
    assert other.save(**{rights: ["1", "2"]}).status_code == 302

    assert page.save(**{name: "Typed"}).status_code == 302
    assert getattr(row, rights).count() == 2

    late = other.save(**{name: "Late"})
    (error,) = errors_of(late)
    assert error.startswith("anna (at ")
    assert "saved “Typed” here" in error


@pytest.mark.parametrize("model", PAGES)
def test_no_rule_of_the_database_breaks_a_form(model: Any) -> None:
    make, name, typed = PAGES[model]
    page = Opened(signed_in("anna"), make())
    for state, rule in rules(model):
        with refusing(model, state, rule):
            (error,) = errors_of(page.save(**{name: typed}))
        assert error.endswith(".")
        assert page.fields[name] == [typed]
    assert page.save().status_code == 302


def test_what_was_typed_after_the_session_ended_can_be_sent_again() -> None:
    page = Opened(signed_in("anna"), User.objects.create_user("carl"))

    refused = Client().post(page.address, page.fields | {"first_name": "Typed for an hour"})

    assert refused.status_code == 403
    assert "You were signed out while this page was open" in refused.content.decode()
    assert signed_in("anna").post(page.address, fields_of(refused)).status_code == 302
    assert User.objects.filter(first_name="Typed for an hour").exists()


@pytest.mark.parametrize("model", [each for each in PAGES if each is not TaxRate])
def test_names_hold_no_invisible_characters(model: Any) -> None:
    make, name, _ = PAGES[model]
    (error,) = errors_of(Opened(signed_in("anna"), make()).save(**{name: "a\u202eb"}))
    assert "change the direction of text" in error


def test_an_account_is_added() -> None:
    form = {"username": "carla", "password1": "correct horse battery", "usable_password": "true"}

    response = signed_in("anna").post(
        "/admin/auth/user/add/", form | {"password2": form["password1"]}
    )

    assert response.status_code == 302, errors_of(response)
    assert User.objects.get(username="carla").check_password("correct horse battery")
