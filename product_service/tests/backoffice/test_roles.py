"""What each role may do in the catalogue, and that it is offered nothing else."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from chassis.tests.role_matrix import ALL, NOBODY, Table, expected, found, person
from chassis.tests.role_walk import refusals
from product_service.tests.backoffice.samples import rows
from tests.effort import third

pytestmark = pytest.mark.django_db

SEES = "OCFSAR"
CATALOGUE: Table = {
    **dict.fromkeys(("index", "login", "password_change"), ALL),
    **dict.fromkeys(("jsi18n", "password_change_done"), f"{ALL} "),  # nothing to send
    "second_factor": ALL,
    "recovery_codes": ALL,
    "auth_user_second_factor": "O",
    "autocomplete": NOBODY,  # no form asks for it
    "to_orders": "OFSAR-",
    "app_list auth": "O",
    "app_list catalogue": SEES,
    "app_list inventory": SEES,
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
    "catalogue_product_changelist": SEES,
    "catalogue_product_add": "OC",
    "catalogue_product_change": "OCFSAR OC",
    "catalogue_product_delete": NOBODY,
    "catalogue_product_history": SEES,
    "catalogue_product: publish": "OC",
    "catalogue_product: unpublish": "OC",
    "catalogue_product: remove": "OC",
    "catalogue_product: restore": NOBODY,  # offered in the list of removed products alone
    "catalogue_category_changelist": SEES,
    "catalogue_category_add": "OC",
    "catalogue_category_change": "OCFSAR OC",
    "catalogue_category_delete": "OC",
    "catalogue_category_history": SEES,
    "catalogue_category: hide": "OC",
    "catalogue_category: show": "OC",
    "catalogue_attribute_changelist": SEES,
    "catalogue_attribute_add": "OC",
    "catalogue_attribute_change": "OCFSAR OC",
    "catalogue_attribute_delete": "OC",
    "catalogue_attribute_history": SEES,
    "catalogue_option_changelist": SEES,
    "catalogue_option_add": "OC",
    "catalogue_option_change": "OCFSAR OC",
    "catalogue_option_delete": "OC",
    "catalogue_option_history": SEES,
    "inventory_stockitem_changelist": SEES,
    "inventory_stockitem_add": NOBODY,
    "inventory_stockitem_change": "OCFSAR OCF",
    "inventory_stockitem_adjust": "OCF",
    "inventory_stockitem_delete": NOBODY,
    "inventory_stockitem_history": SEES,
    "inventory_stockmovement_changelist": SEES,
    "inventory_stockmovement_add": NOBODY,
    "inventory_stockmovement_change": "OCFSAR ",
    "inventory_stockmovement_delete": NOBODY,
    "inventory_stockmovement_history": SEES,
    "inventory_reservation_changelist": SEES,
    "inventory_reservation_add": NOBODY,
    "inventory_reservation_change": "OCFSAR ",
    "inventory_reservation_delete": NOBODY,
    "inventory_reservation_history": SEES,
    "app_list bulk": SEES,
    "app_list jobs": "OC",
    "app_list stocktake": SEES,
    "app_list transfer": "OC",
    "bulk_bulkchange: delete_selected": NOBODY,
    "bulk_bulkchange_add": NOBODY,
    "bulk_bulkchange_change": SEES,
    "bulk_bulkchange_changelist": SEES,
    "bulk_bulkchange_decide": "OC",
    "bulk_bulkchange_delete": NOBODY,
    "bulk_bulkchange_history": SEES,
    "bulk_bulkchange_undo": " OC",
    "catalogue_pricechange: delete_selected": NOBODY,
    "catalogue_pricechange_add": NOBODY,
    "catalogue_pricechange_change": "OCFSAR ",
    "catalogue_pricechange_changelist": SEES,
    "catalogue_pricechange_delete": NOBODY,
    "catalogue_pricechange_history": SEES,
    "catalogue_product: change_prices": "OC",
    "catalogue_product: move": "OC",
    "catalogue_product_describe": f" {SEES}",
    "catalogue_product_duplicate": " OC",
    "catalogue_product_upload": "OC",
    "jobs_job: delete_selected": NOBODY,
    "jobs_job_add": NOBODY,
    "jobs_job_change": "OC ",
    "jobs_job_changelist": "OC",
    "jobs_job_delete": NOBODY,
    "jobs_job_history": "OC",
    "stocktake_book": "OCF",
    "stocktake_discard": " OCF",
    "stocktake_print": SEES,
    "stocktake_stocktake: delete_selected": NOBODY,
    "stocktake_stocktake_add": "OCF",
    "stocktake_stocktake_change": "OCFSAR OCF",
    "stocktake_stocktake_changelist": SEES,
    "stocktake_stocktake_delete": NOBODY,
    "stocktake_stocktake_history": SEES,
    "transfer_errors": "OC",
    "transfer_export": SEES,
    "transfer_import: delete_selected": NOBODY,
    "transfer_import_add": "OC",
    "transfer_import_change": "OC",
    "transfer_import_changelist": "OC",
    "transfer_import_delete": NOBODY,
    "transfer_import_history": "OC",
    "transfer_template": "OC",
    "catalogue_product: delete_selected": NOBODY,
    "catalogue_category: delete_selected": NOBODY,
    "catalogue_attribute: delete_selected": NOBODY,
    "catalogue_option: delete_selected": NOBODY,
    "inventory_stockitem: delete_selected": NOBODY,
    "inventory_stockmovement: delete_selected": NOBODY,
    "inventory_reservation: delete_selected": NOBODY,
}


@pytest.fixture(autouse=True)
def _orders_can_be_reached(settings: Settings) -> None:
    settings.ORDERS_ADMIN_URL = "http://orders.example.org"


@pytest.mark.parametrize("letter", third(ALL))
def test_each_role_may_do_what_the_table_says(letter: str) -> None:
    samples = rows()
    assert found(person(letter), samples) == expected(CATALOGUE, letter)


@pytest.mark.parametrize("letter", third(ALL))
def test_nothing_that_a_role_is_shown_leads_to_a_refusal(letter: str) -> None:
    rows()
    assert refusals(person(letter)) == []
