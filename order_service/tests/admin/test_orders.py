"""The back office of orders: shows everything, edits nothing, cancels and retries by the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from order_service.audit.models import Drift, DriftKind
from order_service.orders.models import Delivery, Order, OrderEvent, OrderLine
from order_service.orders.states import State
from order_service.payments.models import LedgerEntry, Payment, PaymentEvent
from order_service.tests.factories import confirmation_of, make_order

pytestmark = pytest.mark.django_db


def staff(*permissions: str) -> Client:
    """Signed in as somebody with these permissions of app `orders`."""
    user = User.objects.create(username="sam", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner() -> Client:
    user = User.objects.create(username="olga", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def text_of(response: Any) -> str:
    content: str = response.content.decode()
    assert response.status_code == 200, content[:500]
    return content


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


PASTED = ("#TC-7Q2M9X4B", "tc 7q2m 9x4b", "7Q2M9X4B", "TC\u20137Q2M9X4B.", "Order TC-7Q2M9X4B")


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


def cancel(client: Client, order: Order, number: str) -> Any:
    address = reverse("admin:orders_order_cancel", args=[order.pk])
    return client.post(address, {"number": number}, follow=True)


def test_staff_cancel_an_order_by_typing_its_number(owner: Client) -> None:
    order = make_order(State.AUTHORIZED)
    assert "Cancel order" in text_of(owner.get(page(order)))

    content = text_of(cancel(owner, order, order.number))

    assert f"{order.number} is being cancelled." in content
    order.refresh_from_db()
    assert (order.state, order.reason) == ("cancelling", "staff")
    event = OrderEvent.objects.filter(order=order).last()
    assert event is not None
    assert event.actor == f"staff:{User.objects.get().pk}"
    assert LogEntry.objects.get().object_id == str(order.pk)


@pytest.mark.parametrize("typed", PASTED)
def test_staff_may_paste_the_number_of_the_order_to_cancel(owner: Client, typed: str) -> None:
    order = make_order(number="TC-7Q2M9X4B")
    assert "TC-7Q2M9X4B is being cancelled." in text_of(cancel(owner, order, typed))


def test_another_number_cancels_nothing(owner: Client) -> None:
    order = make_order()

    content = text_of(cancel(owner, order, "TC-00000000"))

    assert "This is not the number of this order." in content
    order.refresh_from_db()
    assert order.state == "placed"


@pytest.mark.parametrize("state", [State.COMMITTED, State.CONFIRMED])
def test_staff_cannot_cancel_once_money_moves(owner: Client, state: State) -> None:
    order = make_order(state)
    assert "Cancel order" not in text_of(owner.get(page(order)))

    content = text_of(cancel(owner, order, order.number))

    assert "errornote" in content or "error" in content
    order.refresh_from_db()
    assert order.state == state
    assert not LogEntry.objects.exists()


def parked() -> Order:
    return make_order(
        State.RESERVED, attention_at=timezone.now(), failures=12, last_error="the bank is odd"
    )


def test_a_parked_order_says_why_and_is_tried_again(owner: Client) -> None:
    order = parked()
    assert "the bank is odd" in text_of(owner.get(page(order)))

    content = text_of(owner.post(reverse("admin:orders_order_retry", args=[order.pk]), follow=True))

    assert "is being tried again now." in content
    order.refresh_from_db()
    assert (order.attention_at, order.failures, order.state) == (None, 0, "reserved")


def test_parked_orders_are_tried_again_from_the_list(owner: Client) -> None:
    first, second, healthy = parked(), parked(), make_order()

    owner.post(
        reverse("admin:orders_order_changelist"),
        {"action": "retry", "_selected_action": [first.pk, second.pk, healthy.pk]},
    )

    assert not Order.objects.in_attention().exists()
    assert LogEntry.objects.count() == 2


def test_revoking_links_says_so_and_stands_in_the_history(owner: Client) -> None:
    order = make_order(number="TC-7Q2M9X4B")
    revoke = reverse("admin:orders_order_revoke", args=[order.pk])
    assert "works as long as the order is open" in text_of(owner.get(page(order)))
    owner.get(revoke)
    assert Order.objects.get().link_version == 1

    content = text_of(owner.post(revoke, follow=True))

    assert "The links of TC-7Q2M9X4B no longer work. ada@example.org gets a new one." in content
    assert "Order Link: not sent yet" in content
    assert Order.objects.get().link_version == 2
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.get_change_message()) == ("olga", "Links revoked.")
    history = reverse("admin:orders_order_history", args=[order.pk])
    assert "Links revoked." in text_of(owner.get(history))


def test_a_link_alone_retries_nothing(owner: Client) -> None:
    order = parked()
    owner.get(reverse("admin:orders_order_retry", args=[order.pk]))
    owner.get(reverse("admin:orders_order_cancel", args=[order.pk]))

    order.refresh_from_db()
    assert (order.attention_at is not None, order.state) == (True, "reserved")


def test_staff_who_may_only_view_cannot_act() -> None:
    viewer = staff("view_order")
    order = parked()

    content = text_of(viewer.get(page(order)))
    assert "Try again now" not in content
    assert "Cancel order" not in content
    assert cancel(viewer, order, order.number).status_code == 403
    assert viewer.post(reverse("admin:orders_order_retry", args=[order.pk])).status_code == 403
    assert "Revoke" not in content
    assert viewer.post(reverse("admin:orders_order_revoke", args=[order.pk])).status_code == 403
    assert Order.objects.get().link_version == 1
    viewer.post(
        reverse("admin:orders_order_changelist"),
        {"action": "retry", "_selected_action": [order.pk]},
    )
    order.refresh_from_db()
    assert (order.state, order.attention_at is not None) == ("reserved", True)


def test_staff_who_may_change_can_act_and_others_see_nothing() -> None:
    order = make_order()
    changer = staff("view_order", "change_order")
    assert "Cancel order" in text_of(changer.get(page(order)))
    User.objects.all().delete()

    stranger = staff()
    for name, arguments in (
        ("change", [order.pk]), ("changelist", []), ("cancel", [order.pk]), ("retry", [order.pk]),
        ("revoke", [order.pk]),
    ):  # fmt: skip
        address = reverse(f"admin:orders_order_{name}", args=arguments)
        assert stranger.post(address).status_code == 403, name
        signed_out = Client().post(address)
        assert signed_out.status_code == 403, name
        assert "You are signed out" in signed_out.content.decode(), name


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


def test_a_mail_that_was_given_up_is_tried_again(owner: Client) -> None:
    delivery = confirmation_of(make_order(State.CONFIRMED))
    sent = confirmation_of(make_order(State.CONFIRMED))
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(attention_at=now, attempts=12)
    Delivery.objects.filter(pk=sent.pk).update(sent_at=now, next_attempt_at=None)

    response = owner.post(
        reverse("admin:orders_delivery_changelist"),
        {"action": "try_again", "_selected_action": [delivery.pk, sent.pk]},
        follow=True,
    )

    assert "Unsent e-mails being tried again now: 1." in text_of(response)
    delivery.refresh_from_db()
    sent.refresh_from_db()
    assert (delivery.attention_at, delivery.attempts) == (None, 0)
    assert delivery.next_attempt_at is not None
    assert (sent.sent_at, sent.next_attempt_at) == (now, None)
