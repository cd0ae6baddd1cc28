"""How long order_service keeps what it knows of shoppers and staff."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session

from chassis.retention import Retention, Rule
from order_service.audit.models import Drift, LookedUntil
from order_service.orders import models as orders
from order_service.orders.adjustments import OrderAdjustment
from order_service.payments import models as payments
from order_service.pricing import models as pricing
from order_service.shop.models import ShopSettings
from order_service.staff.models import StaffMember

BOOKS = "the law wants the books of a trade for years (in Germany §147 AO, §257 HGB)"

RETENTION = Retention(
    "order_service",
    Rule(Session, since="expire_date"),
    Rule(orders.IdempotencyKey, since="expires_at"),  # 7 days after the request
    kept={
        **dict.fromkeys((orders.Order, orders.OrderLine, orders.OrderEvent), BOOKS),
        OrderAdjustment: BOOKS,
        **dict.fromkeys((payments.Payment, payments.PaymentEvent, payments.LedgerEntry), BOOKS),
        orders.Delivery: "that a mail was sent; its text is made anew and stored nowhere",
        Drift: "a difference in the books, by order number",
        LookedUntil: "one time for a kind of difference, no personal data",
        **dict.fromkeys(
            (pricing.TaxRate, pricing.ShippingMethod, pricing.Country), "prices, no personal data"
        ),
        ShopSettings: "the shop's own name and address",
        User: "staff; made inactive when somebody leaves, for the history names them",
        StaffMember: "goes with its user",
        LogEntry: "who changed what in the admin",
        **dict.fromkeys((Group, Permission, ContentType), "rights and kinds, nothing of a person"),
    },
)
