"""Drifts in the back office."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from order_service.audit import reconciler
from order_service.audit.models import Drift, DriftKind
from order_service.clients.product_service import Wanted
from order_service.clients.stock import Standing
from order_service.orders.models import Order
from order_service.orders.states import State
from order_service.tests.audit.conftest import World
from order_service.tests.factories import make_order

pytestmark = pytest.mark.django_db
LIST = "admin:audit_drift_changelist"


def staff(*permissions: str) -> Client:
    user = User.objects.create(username="sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def drift_of_held_stock(world: World) -> tuple[Order, Drift]:
    order = make_order(State.CANCELLED)
    world.stock.reserve(order.id, (Wanted("KETTLE-1", 1),), 60)
    drift = Drift.objects.create(
        kind=DriftKind.STOCK_LEFT_BEHIND, order=order, reference=order.number
    )
    return order, drift


def test_staff_reads_what_to_do_and_settles_what_only_a_person_can() -> None:
    drift = Drift.objects.create(kind=DriftKind.PAYMENT_TAKEN, reference="auth_1")
    client = staff("view_drift", "change_order")
    assert "Deliver, or pay it back at the provider." in client.get(reverse(LIST)).content.decode()
    page = client.get(reverse("admin:audit_drift_change", args=[drift.pk])).content.decode()
    assert "pay it back on the provider&#x27;s page" in page
    assert "GET /authorizations/auth_1 shows it" in page
    assert "are closed" in settle(client, drift)
    assert not Drift.objects.unrepaired().exists()
    assert LogEntry.objects.get().get_change_message() == "Settled by hand"
    page = client.get(reverse(LIST), {"settled": "yes"}).content.decode()
    assert "Settled at" in page
    assert "auth_1" in page
    assert "Deliver, or pay" not in page
    assert "auth_1" not in client.get(reverse(LIST), {"settled": "no"}).content.decode()


def test_nothing_is_settled_before_it_is_confirmed() -> None:
    details = {"order": "TC-6NGHF5AM", "amount": "499.00 EUR"}
    drift = Drift.objects.create(kind=DriftKind.PAYMENT_TAKEN, reference="auth_1", details=details)
    wish = {"action": "settle", "_selected_action": [str(drift.pk)], "index": "0"}
    page = staff("view_drift", "change_order").post(reverse(LIST), wish).content.decode()
    for told in ("Payment Taken: auth_1 (TC-6NGHF5AM)", "499.00 EUR", "You cannot undo this."):
        assert told in page
    assert Drift.objects.unrepaired().get() == drift
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("kind", DriftKind)
def test_every_kind_has_its_advice_in_the_list_and_whole(kind: DriftKind) -> None:
    drift = Drift.objects.create(kind=kind, reference="auth_1")
    client = staff("view_drift")
    page = client.get(reverse(LIST)).content.decode()
    (short,) = re.findall(r'field-to_do">(.*?)</td>', page)
    page = client.get(reverse("admin:audit_drift_change", args=[drift.pk])).content.decode()
    assert len(short) > 20
    # product_service's log is the same whoever the payment provider is
    assert ("At the sandbox" in page) == (kind is not DriftKind.STOCK_LEFT_BEHIND)


def test_stock_that_was_refused_for_long_is_still_given_back(world: World) -> None:
    order, _ = drift_of_held_stock(world)
    Order.objects.filter(pk=order.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    assert reconciler.reconcile(world.ports) == 1
    assert world.stock.look_up(order.id) is Standing.RELEASED
    assert not Drift.objects.unrepaired().exists()


def test_stock_that_somebody_else_gave_back_closes_the_row(world: World) -> None:
    order, _ = drift_of_held_stock(world)
    Order.objects.filter(pk=order.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    world.stock.release(order.id)
    assert reconciler.reconcile(world.ports) == 0
    assert not Drift.objects.unrepaired().exists()


def settle(client: Client, *drifts: Drift) -> str:
    """Chosen in the list, and confirmed."""
    wish = {"action": "settle", "_selected_action": [str(each.pk) for each in drifts]}
    page = client.post(reverse(LIST), {**wish, "index": "0"}, follow=True).content.decode()
    if 'name="sure"' not in page:
        return page
    wish["_selected_action"] = re.findall(r'name="_selected_action" value="(\d+)"', page)
    confirmed = {**wish, "sure": "Yes"}
    return page + client.post(reverse(LIST), confirmed, follow=True).content.decode()


@pytest.mark.parametrize("kind", [DriftKind.PAYMENT_UNKNOWN, DriftKind.STOCK_LEFT_BEHIND])
def test_what_ends_by_itself_is_closed_by_nobody(kind: DriftKind) -> None:
    """Stock left behind by an older order would not be found again."""
    drift = Drift.objects.create(kind=kind, reference="auth_1")
    taken = Drift.objects.create(kind=DriftKind.PAYMENT_TAKEN, reference="auth_2")
    client = staff("view_drift", "change_order")
    assert "once they are right: 1." in settle(client, drift)
    page = settle(client, drift, taken)
    assert "These stay open" in page
    assert list(Drift.objects.unrepaired()) == [drift]
    assert LogEntry.objects.get().object_id == str(taken.pk)


def test_who_may_only_look_cannot_settle() -> None:
    drift = Drift.objects.create(kind=DriftKind.PAYMENT_TAKEN, reference="auth_1")
    client = staff("view_drift")
    page = client.get(reverse(LIST)).content.decode()
    assert drift.reference in page
    assert "Settled by hand" not in page
    wish = {"action": "settle", "_selected_action": [str(drift.pk)], "sure": "Yes"}
    client.post(reverse(LIST), wish)
    assert Drift.objects.unrepaired().get() == drift


@pytest.mark.parametrize("typed", ["TC-6NGHF5AM", "#tc 6nghf5am"])
def test_money_of_an_order_that_is_not_here_is_found_by_its_number(typed: str) -> None:
    for number, reference in (("TC-6NGHF5AM", "auth_1"), ("TC-6NGHF5AN", "auth_2")):
        details = {"order": number, "amount": "499.00 EUR"}
        Drift.objects.create(kind=DriftKind.PAYMENT_TAKEN, reference=reference, details=details)
    page = staff("view_drift").get(reverse(LIST), {"q": typed}).content.decode()
    assert "auth_1" in page
    assert "499.00 EUR" in page
    assert "TC-6NGHF5AM" in page
    assert "auth_2" not in page
