"""Changes to an attempt to order. Each is one statement or one transaction, without a call inside.

    open, not sent --mark_sent--> open, sent --finish_attempt--> led to an order
          ^                           |   `--forget_attempt--> deleted, too old to be asked about
          `--------take_back----------'

Who changes an attempt names its content, so nobody marks what another tab has replaced meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chassis.money import Money
from storefront.cart.actions import quantity_of
from storefront.cart.contents import Contents
from storefront.cart.lines import take_out
from storefront.cart.models import CartLine
from storefront.checkout.draft import CheckoutDraft
from storefront.checkout.models import Checkout
from storefront.checkout.steps import order_fields
from storefront.clients.wanted import Wanted
from storefront.statements import instances, run

# order_service keeps a key for 7 days; asked again later, it would place a second order.
ASKED_FOR = timedelta(days=6)

OPEN_OR_RENEW = """
INSERT INTO checkout_checkout (attempt, subject, body, content, created_at)
VALUES (%(attempt)s, %(subject)s, %(body)s, %(content)s, now())
ON CONFLICT (subject) WHERE order_number IS NULL AND content IS NOT NULL DO UPDATE SET
    body = CASE WHEN checkout_checkout.sent_at IS NULL THEN excluded.body
           ELSE checkout_checkout.body END,
    content = CASE WHEN checkout_checkout.sent_at IS NULL THEN excluded.content
              ELSE checkout_checkout.content END,
    created_at = now()
RETURNING {columns}
"""
MARK_SENT = """
UPDATE checkout_checkout SET sent_at = statement_timestamp(), created_at = statement_timestamp()
WHERE attempt = %s AND content IS NOT DISTINCT FROM %s AND order_number IS NULL AND sent_at IS NULL
"""
# Locks the cart as well, after the attempt, so that what comes next sees every line of it.
FINISH = """
WITH finished AS (
    UPDATE checkout_checkout SET order_number = %(number)s
    WHERE attempt = %(attempt)s AND order_number IS NULL
    RETURNING subject
)
UPDATE cart_cart SET touched_at = statement_timestamp()
FROM finished WHERE cart_cart.subject = finished.subject
"""


def open_attempt(*, subject: str, draft: CheckoutDraft, cart: Contents, total: Money) -> Checkout:
    """Freeze what the review page shows, in the subject's one open attempt.

    One that was sent meanwhile and is not answered is given as it is.
    """
    body = {
        "lines": [
            Wanted(line.sku, line.quantity, line.variant_id).to_wire() for line in cart.lines
        ],
        **order_fields(draft),
        "expected_total": total.to_wire(),
    }
    frozen = json.dumps(body, sort_keys=True)
    content = hashlib.sha256(frozen.encode()).hexdigest()
    values = {"attempt": uuid.uuid4(), "subject": subject, "body": frozen, "content": content}
    (opened,) = instances(Checkout, OPEN_OR_RENEW, values)
    return opened


def is_shown(checkout: Checkout, *, content: str) -> bool:
    """Whether a page of that content shows what the attempt orders, and the cart still holds it."""
    held = [
        Wanted(line.sku, line.quantity, line.variant_id)
        for line in CartLine.objects.of(checkout.subject)
    ]
    return content == checkout.content and all(
        quantity_of(line, held) >= line.quantity for line in ordered_lines(checkout)
    )


def ordered_lines(checkout: Checkout) -> list[Wanted]:
    return [Wanted.from_wire(line) for line in checkout.body["lines"]]


def expected_total(checkout: Checkout) -> Money:
    """The total that the shopper saw; order_service refuses another one."""
    return Money.from_wire(checkout.body["expected_total"])


def mark_sent(checkout: Checkout) -> bool:
    """From now on an answer is owed; False if it was before."""
    return bool(run(MARK_SENT, [checkout.attempt, checkout.content]))


def take_back(checkout: Checkout) -> None:
    """Nothing was ordered, so the shopper may order something else."""
    _same(checkout).update(sent_at=None)


def is_too_old(checkout: Checkout) -> bool:
    """Whether sending it once more could place another order."""
    return checkout.sent_at is not None and checkout.sent_at < timezone.now() - ASKED_FOR


def forget_attempt(checkout: Checkout) -> None:
    _same(checkout).filter(sent_at=checkout.sent_at).delete()


@transaction.atomic
def finish_attempt(checkout: Checkout, *, number: str, ordered: Sequence[Wanted]) -> int | None:
    """The attempt has led to that order, so its lines leave the cart, once.

    Gives how many pieces are left in the cart; None if there is none, or the lines have left it
    before. Of two requests at once the second waits for the first one's commit and updates no row.
    """
    if not run(FINISH, {"number": number, "attempt": checkout.attempt}):
        return None
    return take_out(checkout.subject, ordered)


def _same(checkout: Checkout) -> QuerySet[Any]:
    return Checkout.objects.filter(
        attempt=checkout.attempt, content=checkout.content, order_number=None
    )
