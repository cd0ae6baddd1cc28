"""What a deploy is told that sets EMAIL_FROM when the shop has a sender of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import Error, transaction

from order_service.mail_settings import DEFAULT_SENDER


def sender_is_in_the_settings(
    *, databases: Sequence[str] | None = None, **options: Any
) -> list[checks.CheckMessage]:
    """A warning if mails come from another sender than EMAIL_FROM."""
    if not databases or settings.DEFAULT_FROM_EMAIL == DEFAULT_SENDER:
        return []
    try:
        with transaction.atomic():
            shop = apps.get_model("shop", "ShopSettings").objects.first()
    except Error:  # before the first migration there is no table
        return []
    if shop is None or shop.sender in ("", settings.DEFAULT_FROM_EMAIL):
        return []
    return [
        checks.Warning(
            f"EMAIL_FROM={settings.DEFAULT_FROM_EMAIL} is not in force: mails come from"
            f" {shop.sender}.",
            hint="The sender is changed, or emptied for EMAIL_FROM, in the back office: Shop,"
            " Shop settings.",
            id="shop.W001",
        )
    ]
