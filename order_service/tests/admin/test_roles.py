"""What each role may do with orders, and that it is offered nothing else."""

from __future__ import annotations

import pytest

from chassis.tests.role_matrix import ALL, NOBODY, Table, expected, found, person
from chassis.tests.role_walk import refusals
from order_service.tests.admin.samples import rows
from tests.effort import third

pytestmark = pytest.mark.django_db

SEES, AUDITS = "OFSAR", "OAR"
ORDERS: Table = {
    **dict.fromkeys(("index", "login", "password_change"), ALL),
    **dict.fromkeys(("jsi18n", "password_change_done"), f"{ALL} "),  # nothing to send
    "arrive": ALL,  # says who must sign in once more
    "autocomplete": NOBODY,  # no form asks for it
    "app_list audit": AUDITS,
    "app_list auth": "O",
    "app_list orders": SEES,
    "app_list pricing": SEES,
    "app_list shop": AUDITS,
    "auth_user_changelist": "O",
    "auth_user_add": "O",
    "auth_user_change": "O",
    "auth_user_password_change": "O",
    "auth_user_delete": NOBODY,
    "auth_user_history": "O",
    "auth_group_changelist": "O",
    "auth_group_add": "O",
    "auth_group_change": "O",
    "auth_group_delete": "O",
    "auth_group_history": "O",
    "auth_group: delete_selected": "O",
    "orders_order_changelist": SEES,
    "orders_order_add": NOBODY,
    "orders_order_change": "OFSAR ",
    "orders_order_delete": NOBODY,
    "orders_order_history": SEES,
    "orders_order_cancel": "OS",
    "orders_order_retry": "OS",
    "orders_order_revoke": "OS",
    "orders_order: retry": "OS",
    "orders_delivery_changelist": SEES,
    "orders_delivery_add": NOBODY,
    "orders_delivery_change": "OFSAR ",
    "orders_delivery_delete": NOBODY,
    "orders_delivery_history": SEES,
    "orders_delivery: try_again": "OS",
    "audit_drift_changelist": AUDITS,
    "audit_drift_add": NOBODY,
    "audit_drift_change": "OAR ",
    "audit_drift_delete": NOBODY,
    "audit_drift_history": AUDITS,
    "audit_drift: settle": "OA",
    "pricing_taxrate_changelist": SEES,
    "pricing_taxrate_add": "O",
    "pricing_taxrate_change": "OFSAR O",
    "pricing_taxrate_delete": "O",
    "pricing_taxrate_history": SEES,
    "pricing_shippingmethod_changelist": SEES,
    "pricing_shippingmethod_add": "O",
    "pricing_shippingmethod_change": "OFSAR O",
    "pricing_shippingmethod_delete": NOBODY,
    "pricing_shippingmethod_history": SEES,
    "pricing_country_changelist": SEES,
    "pricing_country_add": "O",
    "pricing_country_change": "OFSAR O",
    "pricing_country_delete": NOBODY,
    "pricing_country_history": SEES,
    "shop_shopsettings_changelist": AUDITS,
    "shop_shopsettings_add": NOBODY,
    "shop_shopsettings_change": "OAR O",
    "shop_shopsettings_delete": NOBODY,
    "shop_shopsettings_history": AUDITS,
    "orders_order: delete_selected": NOBODY,
    "orders_delivery: delete_selected": NOBODY,
    "audit_drift: delete_selected": NOBODY,
    "pricing_shippingmethod: delete_selected": NOBODY,
    "pricing_country: delete_selected": NOBODY,
}


@pytest.mark.parametrize("letter", third(ALL))
def test_each_role_may_do_what_the_table_says(letter: str) -> None:
    samples = rows()
    assert found(person(letter), samples) == expected(ORDERS, letter)


@pytest.mark.parametrize("letter", third(ALL))
def test_nothing_that_a_role_is_shown_leads_to_a_refusal(letter: str) -> None:
    rows()
    assert refusals(person(letter)) == []
