"""What a migration may do all the same: each with its reason and the release that allows it.

`since` is the release in which the version before was made to bear it: what it no longer uses, or
already keeps to. A release that skips that one must not go on a shop at work.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST = "There is no version before the first: nobody uses these tables yet."
SHORT = "Written before the rule; PostgreSQL adds the column without reading a row."


@dataclass(frozen=True)
class Allowed:
    """Rules that one migration breaks, and why it may."""

    migration: str
    rules: frozenset[str]
    since: str
    reason: str


def allow(migration: str, *rules: str, since: str, reason: str) -> Allowed:
    return Allowed(migration, frozenset(rules), since, reason)


EXCEPTIONS = (
    allow(
        "catalogue.0014_price_change",
        "new-trigger",
        since="0.1",
        reason="It only adds rows to a table that the version before does not know.",
    ),
    allow("audit.0001_drift", "require-lock-timeout", since="0.1", reason=FIRST),
    allow("inventory.0002_append_only", "new-trigger", since="0.1", reason=FIRST),
    allow("orders.0002_order_moves", "new-trigger", since="0.1", reason=FIRST),
    allow(
        "payments.0002_append_only",
        *("new-trigger", "require-lock-timeout"),
        since="0.1",
        reason=FIRST,
    ),
    allow("cart.0002_cart_touched_at", "require-lock-timeout", since="0.1", reason=SHORT),
    allow(
        "checkout.0002_checkout_content_and_sent_at",
        "require-lock-timeout",
        since="0.1",
        reason=SHORT,
    ),
    allow(
        "checkout.0003_checkout_one_open_a_subject",
        *("require-concurrent-index-creation", "require-lock-timeout", "rows-with-schema"),
        "ban-new-write-restriction",
        since="0.1",
        reason="Written before the rules. Rows of the version before have no content and are not in"
        " the index; the table holds the open checkouts of a day, so the lock is short.",
    ),
    allow("orders.0004_order_link_renewed_at", "require-lock-timeout", since="0.1", reason=SHORT),
    allow(
        "cart.0005_cart_line_once_a_variant",
        "ban-new-write-restriction",
        since="0.1",
        reason="The version before leaves variant_id empty, and its own constraint is as strict.",
    ),
    allow(
        "cart.0006_cart_line_skus_may_repeat",
        "ban-drop-constraint",
        since="0.1",
        reason="The version before looks for a line under the lock of its cart.",
    ),
    allow(
        "catalogue.0007_product_name_key",
        "new-trigger",
        since="0.1",
        reason="The trigger fills a column that the version before does not know.",
    ),
    allow(
        "orders.0014_order_parts_add_up",
        "ban-new-write-restriction",
        since="0.1",
        reason="The version before writes orders without discount and fees (0 by default), and for"
        " these it is what order_total_adds_up asks already.",
    ),
    allow(
        "orders.0016_order_total_may_have_more_parts",
        "ban-drop-constraint",
        since="0.1",
        reason="order_parts_add_up holds by then, and is as strict for what the version before"
        " writes; nobody names the old one.",
    ),
    allow(
        "catalogue.0010_unique_values_change_places",
        *("ban-drop-constraint", "ban-new-write-restriction"),
        since="0.1",
        reason="The same uniqueness under another name, checked at the same moment: the constraint"
        " that goes and the one that comes change places in one statement.",
    ),
)
