"""How many we have, for whom they are put aside, and every change of either.

    StockItem        one row a variant: `on_hand` in the house, of which `reserved` for orders
    StockMovement    append-only; every change of a stock item, in the order in which it happened
    Reservation      what one order holds (key: the order's id, chosen by order_service)

**The row and its movements agree.** A stock item starts at 0, 0, version 0. Each change raises
`version` by one and writes one movement with that version in the same statement, under the lock
of the row. So the movements of a variant are numbered 1, 2, 3, ... without a gap, and their sums
give the row: `StockItemQuerySet.drifted` finds none.

**A refusal can be checked.** A refused reservation keeps, with each short line, what was
available and the item's version (`seen_version`), as they were under the lock of the row when its
turn came. The movements up to that version, less what the order's lines before it wanted of the
variant, give what was left at that very moment, so a line of this query is a false "sold out" (or
a wrong note about it):

    SELECT l.reservation_id, l.sku FROM reservation_line l
    WHERE l.seen_version IS NOT NULL AND (
        l.available_seen >= l.quantity
        OR l.available_seen <> (
            SELECT coalesce(sum(m.d_on_hand - m.d_reserved), 0) FROM stock_movement m
            WHERE m.variant_id = l.variant_id AND m.version <= l.seen_version) - (
            SELECT coalesce(sum(b.quantity), 0) FROM reservation_line b
            WHERE b.reservation_id = l.reservation_id AND b.variant_id = l.variant_id
                AND b.id < l.id AND b.seen_version IS NULL))

A refused reservation has at least one such short line. `seen_version` of an unknown SKU is 0 and
its `variant_id` NULL (no movements: available 0). The columns stay when the reservation is
released afterwards, so history can be checked at any time.

Whoever writes rows in bulk (the demo shop) writes a stock item with `version` n together with its
movements 1..n; everything else goes through `inventory.actions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from product_service.catalogue.models import Variant
from product_service.inventory.querysets import ReservationQuerySet, StockItemQuerySet

LOW_AT_DEFAULT = 5


class State(models.TextChoices):
    HELD = "held"  # counted in `reserved` until `expires_at`, then until the sweep sees it
    REFUSED = "refused"  # some line was short; nothing is held; the answer repeats
    EXPIRED = "expired"  # the sweep freed it; the same put holds it again if stock is left
    COMMITTED = "committed"  # gone from `on_hand`: sold
    RELEASED = "released"  # undone, final; also the tombstone of an id never seen before


class Reason(models.TextChoices):
    RESERVE = "reserve"  # d_reserved +n
    RELEASE = "release"  # d_reserved -n: a held reservation was undone
    EXPIRE = "expire"  # d_reserved -n: the sweep freed it
    COMMIT = "commit"  # d_on_hand -n, d_reserved -n: sold
    RESTOCK = "restock"  # d_on_hand +n: a committed reservation was undone
    RECEIVED = "received", "Received from supplier"
    COUNTED = "counted", "Counted"
    DAMAGED = "damaged", "Damaged or lost"
    RETURNED = "returned", "Returned by a shopper"
    CORRECTED = "corrected", "Corrected"


class StockItem(models.Model):
    """The stock of one variant. Changed by `inventory.actions` only."""

    variant = models.OneToOneField(
        Variant, on_delete=models.PROTECT, primary_key=True, related_name="stock_item"
    )
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    version = models.BigIntegerField(default=0)  # number of the last movement
    low_at = models.PositiveIntegerField(default=LOW_AT_DEFAULT)  # "only a few left" from here

    objects = StockItemQuerySet.as_manager()

    class Meta:
        db_table = "stock_item"
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")),
                name="stock_item_reserved_within_on_hand",
            ),
        ]

    def __str__(self) -> str:
        return self.variant.sku

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Reservation(models.Model):
    """What one order holds of the stock.

    ::

        (new) --> held --commit--> committed --delete--> released
                  |  `--delete-----------------------------^ ^
                  `--sweep--> expired --delete---------------'
        (new) --> refused     expired --put--> held | refused
        (unknown id) --delete--> released (a tombstone: a late put is refused)
    """

    order_id = models.UUIDField(primary_key=True)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the merged lines; "" in a tombstone
    state = models.CharField(max_length=10, choices=State.choices)
    hold = models.PositiveIntegerField(default=1)  # how often it was held; part of references
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    # As `reservations` read it: whether its time is over by the database's clock, and its lines in
    # the order in which they are put aside.
    is_overdue = False
    known_lines: Sequence[ReservationLine] = ()

    objects = ReservationQuerySet.as_manager()

    class Meta:
        db_table = "reservation"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="reservation_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="held"), name="reservation_held_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"


class ReservationLine(models.Model):
    """What an order wants of a variant; with `available_seen`, why it was refused (see above)."""

    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=64)  # as the order has it: unknown, or corrected since
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, related_name="reservation_lines"
    )
    quantity = models.PositiveIntegerField()
    available_seen = models.IntegerField(null=True)
    seen_version = models.BigIntegerField(null=True)

    class Meta:
        db_table = "reservation_line"
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "sku"], name="reservation_line_sku_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="reservation_line_quantity"),
            models.CheckConstraint(
                condition=Q(available_seen__isnull=True, seen_version__isnull=True)
                | Q(
                    available_seen__isnull=False,
                    seen_version__isnull=False,
                    available_seen__lt=F("quantity"),
                ),
                name="reservation_line_short_is_short",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class StockMovement(models.Model):
    """One change of a stock item. Never changed or deleted (a trigger refuses it)."""

    reference = models.CharField(max_length=200)  # unique: the same change never counts twice
    stock_item = models.ForeignKey(
        StockItem,
        on_delete=models.PROTECT,
        db_column="variant_id",
        db_index=False,  # the unique (variant_id, version) serves it
        related_name="movements",
    )
    version = models.BigIntegerField()  # 1, 2, 3, ... in each stock item
    d_on_hand = models.IntegerField()
    d_reserved = models.IntegerField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    order_id = models.UUIDField(null=True)  # of reserve, release, expire, commit, restock
    actor = models.CharField(max_length=80)  # subject: "service:order_service", "staff:anna"
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "stock_movement"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="stock_movement_reference_once"),
            models.UniqueConstraint(
                fields=["stock_item", "version"], name="stock_movement_version_once"
            ),
            models.CheckConstraint(
                condition=~Q(d_on_hand=0, d_reserved=0), name="stock_movement_moves"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="stock_movement_reason_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["order_id"],
                condition=Q(order_id__isnull=False),
                name="stock_movement_order",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
