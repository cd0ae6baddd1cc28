"""How long product_service keeps what it knows of people. They are staff; it knows no shopper."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q
from django_otp.plugins.otp_totp.models import TOTPDevice

from chassis.retention import Retention, Rule
from product_service.bulk import models as bulk
from product_service.catalogue import models as catalogue
from product_service.inventory import models as inventory
from product_service.jobs.models import Job
from product_service.staff.models import HandOver, RecoveryCode
from product_service.stocktake import models as stocktake
from product_service.transfer.models import Import, ImportRow

JOBS_KEPT = timedelta(days=90)
GOODS = "says what we sell, nothing of a person"

RETENTION = Retention(
    "product_service",
    Rule(Session, since="expire_date"),
    Rule(bulk.BulkChange, since="asked_at", after=timedelta(days=1), where=Q(made_at__isnull=True)),
    Rule(Import, since="created_at", after=JOBS_KEPT),
    Rule(Job, since="asked_at", after=JOBS_KEPT),
    Rule(HandOver, since="seen_at", after=timedelta(seconds=settings.SESSION_COOKIE_AGE)),
    kept={
        User: "staff; made inactive when somebody leaves, for the history names them",
        TOTPDevice: "the second factor of staff; goes when an owner removes it",
        RecoveryCode: "goes with the second factor",
        LogEntry: "who changed what in the admin",
        bulk.PriceLine: "the history of prices; who changed them stands in its bulk change",
        bulk.ProductLine: "goes with its bulk change",
        inventory.StockMovement: "append-only books of the stock, with the staff who adjusted it",
        stocktake.StockTake: "what was counted, by whom; open ones until they are discarded",
        stocktake.CountLine: "goes with its stock-take",
        inventory.Reservation: "knows an order by its id; a late repeat must not take twice",
        ImportRow: "goes with its import",
        inventory.ReservationLine: "goes with its reservation",
        **dict.fromkeys((Group, Permission, ContentType), "rights and kinds, nothing of a person"),
        **dict.fromkeys(
            (
                *(catalogue.Category, catalogue.Product, catalogue.Option, catalogue.Variant),
                *(catalogue.Price, catalogue.Attribute, catalogue.AttributeValue),
                *(catalogue.ImageBlob, catalogue.Image, catalogue.Rendition, inventory.StockItem),
                *(catalogue.FormerSlug, catalogue.PriceChange),
            ),
            GOODS,
        ),
    },
)
