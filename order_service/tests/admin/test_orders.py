"""The back office of orders: shows everything, edits nothing, finds what is looked for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from order_service.audit.models import Drift, DriftKind
from order_service.orders.models import Delivery, Order, OrderLine
from order_service.orders.states import State
from order_service.payments.models import LedgerEntry, Payment, PaymentEvent
from order_service.tests.admin.pages import PASTED, page, parked, text_of
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db


def paid_order() -> Order:
    order = make_order(State.CONFIRMED, number="TC-7Q2M9X4B", payment_status="paid")
    payment = Payment.objects.create(
        order=order,
        amount=Decimal("24.80"),
        currency="EUR",
        state="captured",
        idempotency_key="k",
        provider_reference="auth_0815",
    )
    for state in ("authorized", "captured"):
        PaymentEvent.objects.create(payment=payment, from_state="new", to_state=state)
    for account, amount in (("provider", "24.80"), ("sales", "-24.80")):
        LedgerEntry.objects.create(
            order=order, booking="b", account=account, amount=Decimal(amount), key=account
        )
    return order


def test_the_page_of_an_order_shows_all_there_is(owner: Client) -> None:
    order = paid_order()

    content = text_of(owner.get(page(order)))

    for wanted in (
        "TC-7Q2M9X4B", "ada@example.org", "guest:ada",
        "Ada Lovelace<br>12 Analytical Street<br>10115 Berlin<br>Germany",
        "KETTLE-1", "colour: Steel", "24.80 EUR", "3.96 EUR", "auth_0815",
        "authorized -&gt; captured", "committed", "provider", "sales", "not sent yet",
    ):  # fmt: skip
        assert wanted in content, wanted


def test_the_money_box_tells_held_from_taken(owner: Client) -> None:
    content = text_of(owner.get(page(paid_order())))

    assert "<tr><th>Authorized</th><td>0.00 EUR</td></tr>" in content
    assert "<tr><th>Captured</th><td>24.80 EUR</td></tr>" in content
    assert "<tr><th>Refunded</th><td>0.00 EUR</td></tr>" in content


def test_nothing_is_a_field_and_nothing_can_be_added_or_deleted(owner: Client) -> None:
    order = paid_order()
    content = text_of(owner.get(page(order)))

    form = content[content.index('id="order_form"') :]
    harmless = ('type="hidden"', 'type="submit"')  # the button that revokes links is a form apart
    fields = [part[:200] for part in form.split("<input")[1:]]
    editable = [part for part in fields if not any(each in part for each in harmless)]
    assert editable == []
    assert "<select" not in form
    assert "<textarea" not in form
    assert "deletelink" not in content
    assert owner.get(reverse("admin:orders_order_add")).status_code == 403
    delete = reverse("admin:orders_order_delete", args=[order.pk])
    assert owner.post(delete, {"post": "yes"}).status_code == 403
    assert Order.objects.count() == 1


def test_a_forged_save_changes_nothing(owner: Client) -> None:
    order = paid_order()
    before = [*Order.objects.values(), *OrderLine.objects.values(), *Payment.objects.values()]

    response = owner.post(page(order), {"total": "0.01", "state": "placed", "email": "e@e.org"})

    assert response.status_code == 403
    after = [*Order.objects.values(), *OrderLine.objects.values(), *Payment.objects.values()]
    assert after == before


def test_an_order_is_found_by_number_and_by_email(owner: Client) -> None:
    make_order(number="TC-AAAAAAAA", email="grace@example.org")
    make_order(number="TC-BBBBBBBB")
    listing = reverse("admin:orders_order_changelist")

    for words in ("AAAAAAAA", "grace@example"):
        content = text_of(owner.get(listing, {"q": words}))
        assert "TC-AAAAAAAA" in content
        assert "TC-BBBBBBBB" not in content


@pytest.mark.parametrize("listing", ["orders_order", "orders_delivery", "audit_drift"])
def test_an_order_number_finds_its_rows_however_it_is_pasted(owner: Client, listing: str) -> None:
    for number in ("TC-7Q2M9X4B", "TC-7Q2M9X4C"):
        order = make_order(State.CONFIRMED, number=number)
        Drift.objects.create(kind=DriftKind.BOOKS_DIFFER, order=order, reference=number)

    for typed in PASTED:
        content = text_of(owner.get(reverse(f"admin:{listing}_changelist"), {"q": typed}))

        assert "TC-7Q2M9X4B</" in content, typed
        assert "TC-7Q2M9X4C" not in content, typed


def test_words_that_look_like_a_number_still_find_what_they_say(owner: Client) -> None:
    make_order(number="TC-AAAAAAAA", email="lovelace@example.org")
    content = text_of(owner.get(reverse("admin:orders_order_changelist"), {"q": "lovelace"}))
    assert "TC-AAAAAAAA" in content


def test_staff_read_plain_words(owner: Client) -> None:
    order = make_order(number="TC-7Q2M9X4B", attention_at=timezone.now())
    listed = text_of(owner.get(reverse("admin:orders_order_changelist")))
    shown = text_of(owner.get(page(order)))
    asked = text_of(owner.get(reverse("admin:orders_order_cancel", args=[order.pk])))
    for wanted, content in (
        ("Needs attention", listed),
        ("Ship to", shown),
        ("Tax included", shown),
        ("This order needs attention", shown),
        ("the customer is told by e-mail", asked),
    ):
        assert wanted in content
    for content in (listed, shown, asked):
        for unwanted in ("aits for a person", "Goes to", "of it tax"):
            assert unwanted not in content


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"state__exact": "confirmed"}, {"TC-CONFIRMD"}),
        ({"attention": "yes"}, {"TC-PARKED00"}),
        ({"attention": "undecided"}, {"TC-PLACED00"}),
        ({}, {"TC-CONFIRMD", "TC-PARKED00", "TC-PLACED00"}),
    ],
)
def test_orders_are_filtered_by_state_and_attention(
    owner: Client, filters: dict[str, str], found: set[str]
) -> None:
    make_order(State.CONFIRMED, number="TC-CONFIRMD")
    make_order(State.PLACED, number="TC-PLACED00")
    make_order(State.RESERVED, number="TC-PARKED00", attention_at=timezone.now())

    content = text_of(owner.get(reverse("admin:orders_order_changelist"), filters))

    assert {n for n in ("TC-CONFIRMD", "TC-PARKED00", "TC-PLACED00") if n in content} == found


def test_no_page_has_anything_inline(owner: Client) -> None:
    order = parked()
    for address in (
        page(order),
        reverse("admin:orders_order_changelist"),
        reverse("admin:orders_order_cancel", args=[order.pk]),
        reverse("admin:orders_delivery_changelist"),
    ):
        response = owner.get(address)
        content = text_of(response)
        for inline in ("<script>", " style=", "<style", " onclick="):
            assert inline not in content, (address, inline)
        assert "admin_skin/admin.css" in content
        assert "unsafe-inline" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("orders", [2, 40])
def test_the_list_takes_the_same_statements_for_any_number_of_orders(
    owner: Client, orders: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(orders):
        make_order()

    with django_assert_max_num_queries(8):
        text_of(owner.get(reverse("admin:orders_order_changelist")))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, {"TC-SENT0000", "TC-WAITS000", "TC-PARKED00"}),
        ({"progress": "unsent"}, {"TC-WAITS000", "TC-PARKED00"}),
        ({"progress": "attention"}, {"TC-PARKED00"}),
    ],
)
def test_mails_are_filtered_by_how_they_stand(
    owner: Client, asked: dict[str, str], shown: set[str]
) -> None:
    now = timezone.now()
    columns = {"TC-SENT0000": {"sent_at": now}, "TC-PARKED00": {"attention_at": now}}
    for number in ("TC-SENT0000", "TC-WAITS000", "TC-PARKED00"):
        mail = confirmation_of(make_order(State.CONFIRMED, number=number))
        Delivery.objects.filter(event=mail.event).exclude(pk=mail.pk).delete()
        Delivery.objects.filter(pk=mail.pk).update(**columns.get(number, {"attempts": 1}))

    content = text_of(owner.get(reverse("admin:orders_delivery_changelist"), asked))

    assert set(re.findall(r"TC-[A-Z0-9]{8}", content)) == shown
