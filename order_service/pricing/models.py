"""What the owner of the shop decides about prices: tax rates, ways to ship, countries.

Each row may be changed in the back office while the shop is at work. Orders keep copies of what
they were priced with.
"""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from chassis.money import Money

COUNTRY_CODE = RegexValidator(r"^[A-Z]{2}$", "Write two capital letters, like DE.")
METHOD_CODE = RegexValidator(r"^[a-z0-9][a-z0-9_-]{0,19}$", "Use small letters, digits, - and _.")
AS_A_SHARE = "Write it as a share: 0.19 for 19 %."
NOT_A_SHARE = AS_A_SHARE.replace("%", "%%")  # validators put values in


class TaxClass(models.TextChoices):
    """Of goods; a product without one of these is taxed as standard."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"


class TaxRate(models.Model):
    """The tax that prices of a class of goods include, in a country or in all others."""

    tax_class = models.CharField(max_length=20, choices=TaxClass.choices, default=TaxClass.STANDARD)
    country = models.CharField(
        max_length=2,
        blank=True,
        validators=[COUNTRY_CODE],
        help_text="Where the parcel goes, in two capital letters like DE. Empty: to every country"
        " that has no rate of its own.",
    )
    rate = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        validators=[
            MinValueValidator(Decimal(0), NOT_A_SHARE),
            MaxValueValidator(Decimal("0.9999"), NOT_A_SHARE),
        ],
        help_text=AS_A_SHARE,
    )

    class Meta:
        ordering = ["tax_class", "country"]
        constraints = [
            models.UniqueConstraint(fields=["tax_class", "country"], name="tax_rate_once"),
            models.CheckConstraint(
                name="tax_rate_is_a_share", condition=Q(rate__gte=0, rate__lt=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tax_class_display()}, {self.country or 'all other countries'}"


class ShippingMethod(models.Model):
    """A way to ship; its prices are gross, in the currency of the store, and include tax."""

    code = models.CharField(
        max_length=20,
        unique=True,
        validators=[METHOD_CODE],
        help_text="Known to other programs; it stays.",
    )
    name = models.CharField(max_length=60)
    estimate = models.CharField(
        max_length=60, help_text="When it arrives, as a shopper reads it: 2 to 4 working days."
    )
    price = models.DecimalField(max_digits=12, decimal_places=2)
    free_from = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Goods of this value or more are shipped for free. Empty: never.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="The lowest comes first, and a checkout begins with it."
    )
    is_offered = models.BooleanField("offered", default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="shipping_method_not_negative",
                condition=Q(price__gte=0) & (Q(free_from__isnull=True) | Q(free_from__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def price_for(self, subtotal: Money) -> Money:
        """What shipping goods worth `subtotal` costs."""
        free_from = self.free_in(subtotal.currency)
        if free_from is not None and subtotal >= free_from:
            return Money.zero(subtotal.currency)
        return Money.of(self.price, subtotal.currency)

    def free_in(self, currency: str) -> Money | None:
        """The value of goods from which shipping is free, as shoppers are told it."""
        return None if self.free_from is None else Money.of(self.free_from, currency)


class Country(models.Model):
    """A country that orders go to, or went to: its name is printed on their addresses."""

    code = models.CharField(
        max_length=2,
        unique=True,
        validators=[COUNTRY_CODE],
        help_text="By ISO 3166-1, in two capital letters like DE.",
    )
    name = models.CharField(max_length=60)
    is_served = models.BooleanField("delivered to", default=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return self.name
