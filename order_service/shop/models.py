"""Who the shop is: one row, edited in the back office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import Error, models, transaction
from django.db.models import Q

from order_service.mail_settings import DEFAULT_SENDER
from order_service.shop.cached import Cached

ONE = 1


class ShopSettings(models.Model):
    """Name, company and sender, as they stand in mails. There is one row, with id 1."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONE, editable=False)
    name = models.CharField(max_length=60, default="TechCommerce", help_text="Signs every mail.")
    company = models.CharField(
        max_length=120, blank=True, help_text="The trader, as the law wants it named."
    )
    address = models.TextField(max_length=400, blank=True, help_text="One line each.")
    registration = models.CharField(
        max_length=120, blank=True, help_text="Register and number, like HRB 12345, Berlin."
    )
    vat_id = models.CharField("VAT ID", max_length=20, blank=True)
    email = models.EmailField("e-mail", max_length=254, blank=True, help_text="For questions.")
    phone = models.CharField(max_length=40, blank=True)
    sender = models.CharField(
        max_length=320,
        blank=True,
        help_text="Whom mails come from, like TechCommerce &lt;shop@example.org&gt;. Its domain"
        " must be one that the mail server may send for. Empty: EMAIL_FROM of the environment.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "shop settings"
        constraints = [
            models.CheckConstraint(name="shop_settings_are_one", condition=Q(id=ONE)),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def check(
        cls, *, databases: Sequence[str] | None = None, **options: Any
    ) -> list[checks.CheckMessage]:
        """Also warns whoever deploys if mails come from another sender than their EMAIL_FROM."""
        found = super().check(databases=databases, **options)
        if not databases or settings.DEFAULT_FROM_EMAIL == DEFAULT_SENDER:
            return found
        try:
            with transaction.atomic():
                shop = cls._default_manager.first()
        except Error:  # before the first migration there is no table
            return found
        if shop and shop.sender not in ("", settings.DEFAULT_FROM_EMAIL):
            said = f"EMAIL_FROM={settings.DEFAULT_FROM_EMAIL} is not in force: mails come from"
            hint = (
                "The sender is changed, or emptied for EMAIL_FROM, in the back office: Shop,"
                " Shop settings."
            )
            found.append(checks.Warning(f"{said} {shop.sender}.", hint=hint, id="shop.W001"))
        return found

    @property
    def company_lines(self) -> Sequence[str]:
        """What is known of the company, as it stands below a mail."""
        vat_id = f"VAT ID {self.vat_id}" if self.vat_id else ""
        address = (line.strip() for line in self.address.splitlines())
        lines = (self.company, *address, self.registration, vat_id, self.email, self.phone)
        return tuple(line for line in lines if line)


def _read() -> ShopSettings:
    return ShopSettings.objects.first() or ShopSettings()


shop_settings = Cached(_read)
