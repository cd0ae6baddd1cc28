"""Orders as the database holds them: the order, its lines, its history and what follows from it.

    Order 1--n OrderLine        a full snapshot of everything that a page or a mail shows
          1--n OrderAdjustment  shipping, discounts and fees, see orders/adjustments.py
          1--n OrderEvent 1--n Delivery     append-only history; what must be told to the outside
          1--1 IdempotencyKey   the answer to give when the same request comes again

The order row is also the queue: `next_attempt_at` says when somebody has to look at it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from chassis.ids import uuid7
from order_service.orders.adjustments import (
    OrderAdjustment as OrderAdjustment,  # a table of this app
)
from order_service.orders.querysets import DeliveryQuerySet, OrderQuerySet
from order_service.orders.states import TERMINAL, FulfilmentStatus, PaymentStatus, Reason, State
from order_service.pricing.price_list import country_name

MAX_QUANTITY = 99


class Order(models.Model):
    """An order as it was placed, how far it has come, and when somebody has to look at it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=16, unique=True)  # TC- and 8 Crockford letters
    subject = models.CharField(max_length=120)  # who placed it: guest:<id> or user:<id>
    link_version = models.PositiveSmallIntegerField(default=1)  # raising it revokes the links
    link_renewed_at = models.DateTimeField(null=True)  # when it was raised last
    email = models.EmailField(max_length=254)
    shipping_address = models.JSONField()
    shipping_method = models.CharField(max_length=20)
    shipping_name = models.CharField(max_length=60)
    note = models.CharField(max_length=500, blank=True, default="", db_default="")  # to the shop
    payment_token = models.CharField(max_length=128)  # the provider's; never a card number
    request_id = models.CharField(max_length=64, blank=True)

    currency = models.CharField(max_length=3)
    # Each part is the sum of its rows, and the total the sum of the parts.
    subtotal = models.DecimalField(max_digits=12, decimal_places=2)  # of the lines
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=0, db_default=0)
    fees = models.DecimalField(max_digits=12, decimal_places=2, default=0, db_default=0)
    shipping = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)  # inside the total
    total = models.DecimalField(max_digits=12, decimal_places=2)

    state = models.CharField(max_length=20, choices=State.choices, default=State.PLACED)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    short = models.JSONField(default=list)  # [{sku, wanted, available}] when out of stock
    payment_status = models.CharField(
        max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PENDING
    )
    fulfilment_status = models.CharField(
        max_length=20, choices=FulfilmentStatus.choices, default=FulfilmentStatus.UNFULFILLED
    )

    version = models.PositiveIntegerField(default=0)  # raised by every move; the fence
    claims = models.PositiveIntegerField(default=0)  # how often a worker took it up, in all
    attempts = models.PositiveSmallIntegerField(default=0)  # claims since the last move
    failures = models.PositiveSmallIntegerField(default=0)  # of this order, since the last move
    next_attempt_at = models.DateTimeField(db_default=Now(), null=True)  # null once terminal
    published_at = models.DateTimeField(null=True)  # when a worker was last told
    lease_until = models.DateTimeField(null=True)  # one worker's, and its token as well
    awaiting_until = models.DateTimeField(null=True)  # when a shopper's confirmation expires
    attention_at = models.DateTimeField(null=True)  # set: needs attention
    last_error = models.CharField(max_length=300, blank=True)
    placed_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("next_attempt_at"),
                name="order_due",
                condition=Q(next_attempt_at__isnull=False, attention_at__isnull=True),
            ),
            # A look at what is undecided must not read what was ever decided.
            models.Index(
                fields=["placed_at"],
                name="order_undecided",
                condition=~Q(state__in=sorted(TERMINAL)),
            ),
            models.Index(fields=["subject", "-placed_at"], name="order_subject"),
            models.Index(fields=["-placed_at"], name="order_placed"),
        ]
        constraints = [
            models.CheckConstraint(name="order_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="order_parts_add_up",
                condition=Q(
                    total=F("subtotal") - F("discount") + F("shipping") + F("fees"),
                    total__gte=0,
                    tax__lte=F("total"),
                    discount__gte=0,
                    fees__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="order_parts_not_negative",
                condition=Q(subtotal__gte=0, shipping__gte=0, tax__gte=0),
            ),
            models.CheckConstraint(
                name="order_reason_iff_cancelled",
                condition=Q(state__in=[State.CANCELLING, State.CANCELLED], reason__gt="")
                | (~Q(state__in=[State.CANCELLING, State.CANCELLED]) & Q(reason="")),
            ),
            models.CheckConstraint(
                name="order_terminal_is_never_due",
                condition=Q(state__in=sorted(TERMINAL), next_attempt_at__isnull=True)
                | (~Q(state__in=sorted(TERMINAL)) & Q(next_attempt_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def address_lines(self) -> list[str]:
        """The address as it stands on a parcel."""
        said = self.shipping_address.get
        city = f"{said('postal_code', '')} {said('city', '')}".strip()
        lines = (
            said("name"),
            said("line1"),
            said("line2"),
            city,
            country_name(said("country", "")),
        )
        return [line for line in lines if line]

    @property
    def is_terminal(self) -> bool:
        return State(self.state) in TERMINAL


class OrderLine(models.Model):
    """What was bought, as it was when it was bought; product_service is never asked again."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=64)  # as it was; the stock follows variant_id
    variant_id = models.BigIntegerField(null=True)  # null: placed before orders knew it
    name = models.CharField(max_length=200)
    options = models.JSONField(default=dict)
    product_slug = models.CharField(max_length=200, blank=True)
    image = models.JSONField(null=True)
    quantity = models.PositiveSmallIntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4)
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(
                name="order_line_quantity", condition=Q(quantity__range=(1, MAX_QUANTITY))
            ),
            models.CheckConstraint(
                name="order_line_total",
                condition=Q(total=F("unit_price") * F("quantity") - F("discount"), total__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class OrderEvent(models.Model):
    """One move of an order: append-only, versions without a gap, event 0 is the placement."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    version = models.PositiveIntegerField()
    from_state = models.CharField(max_length=20, blank=True)  # blank for event 0
    to_state = models.CharField(max_length=20, choices=State.choices)
    actor = models.CharField(max_length=120)  # a subject, or service:order_service
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="order_event_version"),
        ]

    def __str__(self) -> str:
        return f"{self.from_state or 'nothing'} -> {self.to_state}"


class IdempotencyKey(models.Model):
    """A request that was carried out, and the answer to give again; kept for 7 days."""

    scope = models.CharField(max_length=120)  # the subject of the caller
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of method, path and canonical body
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", null=True)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_scope_key"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="idempotency_key_expiry")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Topic(models.TextChoices):
    """What is told. A release leaves deliveries alone whose topic or channel it does not know."""

    ORDER_CONFIRMATION = "order_confirmation"  # it is paid
    ORDER_CANCELLED = "order_cancelled"  # why, and what became of the money
    ORDER_LINK = "order_link"  # a link that works, when earlier ones have ended
    NEW_ORDER = "new_order"  # for the owner: somebody bought something


class ChannelName(models.TextChoices):
    """Who is told, and how; `notifications/channels.py` holds a class for each."""

    MAIL = "mail", "Mail to the shopper"
    OWNER_MAIL = "owner_mail", "Mail to the owner"  # OWNER_EMAIL


# When a delivery is due. A version without channels takes every row whose next_attempt_at has
# come, and knows nothing but mails to shoppers: it must not see any other.
DUE_COLUMNS: dict[str, str] = {
    ChannelName.MAIL: "next_attempt_at",
    ChannelName.OWNER_MAIL: "due_at",
}


class Delivery(models.Model):
    """Something the outside must be told because of an event: at least once, under one id."""

    event = models.ForeignKey(OrderEvent, on_delete=models.PROTECT, related_name="deliveries")
    topic = models.CharField(max_length=30, choices=Topic.choices, db_column="kind")
    channel = models.CharField(
        max_length=20,
        choices=ChannelName.choices,
        default=ChannelName.MAIL,
        db_default=ChannelName.MAIL,
    )
    key = models.CharField(max_length=120, unique=True)  # the Message-ID's left half
    attempts = models.PositiveSmallIntegerField(default=0)
    # Of these, the ones that may have arrived: the server had the whole mail and said nothing.
    unanswered = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now(), null=True)  # null once sent
    due_at = models.DateTimeField(null=True)  # instead of it, see DUE_COLUMNS
    published_at = models.DateTimeField(null=True)
    attention_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                F("next_attempt_at"),
                name="delivery_due",
                condition=Q(sent_at__isnull=True, attention_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"],
                name="delivery_due_at",
                condition=Q(due_at__isnull=False, sent_at__isnull=True, attention_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_known(self) -> bool:
        """Whether this release can carry it out."""
        return self.topic in Topic.values and self.channel in ChannelName.values

    @property
    def due_column(self) -> str:
        return DUE_COLUMNS[self.channel]

    @property
    def next_try_at(self) -> datetime | None:
        return self.due_at or self.next_attempt_at
