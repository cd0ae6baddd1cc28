"""What the shop sells.

    Category (tree) --< Product --< Variant -- Price
                          |  `--< Image >-- ImageBlob (the bytes, by content hash)
                          |         `--< Rendition (the same picture smaller, by its file)
                          `--< AttributeValue >-- Attribute (typed: text, number, boolean)

A product is what a page shows; a variant is what a basket holds (one SKU, one price, one stock
item in `product_service.inventory`). What orders and movements refer to is never deleted: a product
is unpublished or gets `deleted_at`, a variant is switched off, and each can be brought back.

Rows may be written in bulk (imports, the demo shop); afterwards call
`catalogue.cache.bump_version()` once, so that finished answers are not served any longer.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from product_service.catalogue.former_slugs import FormerSlug as FormerSlug
from product_service.catalogue.kinds import Attribute as Attribute
from product_service.catalogue.kinds import Option as Option
from product_service.catalogue.price_changes import PriceChange as PriceChange
from product_service.catalogue.querysets import ProductQuerySet
from product_service.catalogue.renditions import ImageBlob as ImageBlob
from product_service.catalogue.renditions import Rendition as Rendition
from product_service.catalogue.sorting import SortKey

SKU_SHAPE = r"^[A-Z0-9][A-Z0-9._-]{0,63}$"
SEARCH_CONFIG = "shop"  # made in migration 0001: English stems, accents folded


class Category(models.Model):
    """A node of the category tree; a product hangs in exactly one node."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)  # among its siblings
    is_hidden = models.BooleanField(
        "hidden",
        default=False,
        db_default=False,
        help_text="It has no page and is in no menu. What is in it shows in the category above, or"
        " under All products.",
    )

    class Meta:
        db_table = "category"
        ordering = ["position", SortKey("name")]
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="category_is_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a product page shows. Visible to shoppers when published and not deleted."""

    slug = models.SlugField(max_length=160, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    is_formatted = models.BooleanField(  # the description is Markdown; see `rich_text`
        "formatted", default=False, db_default=False
    )
    brand = models.CharField(max_length=80)
    keywords = models.CharField(  # found by search, never shown
        max_length=400, blank=True, help_text="Further words that people search for."
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    tax_class = models.CharField(max_length=20, default="standard")
    # Name, postal and electronic address (Regulation (EU) 2023/988, Article 19).
    manufacturer = models.TextField(blank=True, default="", db_default="")
    responsible_person = models.TextField(blank=True, default="", db_default="")
    content_unit = models.CharField(max_length=10, blank=True, default="", db_default="")
    publish_at = models.DateTimeField(null=True, blank=True)  # a draft, by itself
    is_published = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)  # first time
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # sort_key(name), kept by a trigger: a generated column would have locked the table for seconds.
    name_key = models.BinaryField(null=True, editable=False)
    search_vector = models.GeneratedField(
        expression=(
            SearchVector("name", weight="A", config=SEARCH_CONFIG)
            + SearchVector("brand", "keywords", weight="B", config=SEARCH_CONFIG)
            + SearchVector("description", weight="D", config=SEARCH_CONFIG)
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        db_table = "product"
        ordering = ["name_key", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_published=False) | Q(published_at__isnull=False),
                name="product_published_has_date",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_vector"], name="product_search"),
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                condition=Q(is_published=True, deleted_at__isnull=True),
                name="product_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """What is bought: one SKU. `options` maps option codes to values: `{"colour": "Graphite"}`."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    sku = models.CharField(
        "SKU",
        max_length=64,
        validators=[RegexValidator(SKU_SHAPE, "Use A-Z, 0-9, dot, dash and underscore.")],
    )
    options = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)  # False: no longer sold, kept for old orders
    gtin = models.CharField("GTIN", max_length=14, blank=True, default="", db_default="")
    content = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    weight_grams = models.PositiveIntegerField("weight (g)", null=True, blank=True)

    class Meta:
        db_table = "variant"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(sku__regex=SKU_SHAPE), name="variant_sku_shape"),
            # Both may change places among the variants that one form saves.
            models.UniqueConstraint(
                fields=["sku"], name="variant_sku_once", deferrable=models.Deferrable.IMMEDIATE
            ),
            models.UniqueConstraint(
                fields=["product", "options"],
                name="variant_options_once_in_product",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class Price(models.Model):
    """The gross price of a variant in the store's currency.

    `prior_amount` is the price before a reduction (struck through); only ever the higher one.
    """

    variant = models.OneToOneField(
        Variant, on_delete=models.CASCADE, primary_key=True, related_name="price"
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    prior_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "price"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(prior_amount__isnull=True) | Q(prior_amount__gt=F("amount")),
                name="price_prior_is_higher",
                violation_error_message="The prior price must be higher than the price.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.amount)


class AttributeValue(models.Model):
    """The value of one attribute of one product, in the column of the attribute's kind."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="values")
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="values")
    text = models.CharField(max_length=200, null=True, blank=True)
    number = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    boolean = models.BooleanField(null=True, blank=True)

    class Meta:
        db_table = "attribute_value"
        ordering = ["attribute__position", SortKey("attribute__name")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "attribute"],
                name="attribute_value_once_in_product",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=(
                    Q(text__isnull=False, number__isnull=True, boolean__isnull=True)
                    | Q(text__isnull=True, number__isnull=False, boolean__isnull=True)
                    | Q(text__isnull=True, number__isnull=True, boolean__isnull=False)
                ),
                name="attribute_value_exactly_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attribute}"


class Image(models.Model):
    """A picture of a product, of one of its variants, or of all that have a value of an option.

    `file` is named `<sha256>.webp`. Until somebody has described it, `alt` is the product's name.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="images"
    )
    file = models.FileField(max_length=80)
    alt = models.CharField(
        "alternative text", max_length=200, help_text="What a person who cannot see it should know."
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    position = models.PositiveIntegerField(default=0)
    needs_alt = models.BooleanField(default=False, db_default=False, editable=False)
    # Of these variants, for example colour and Green; both empty: of the product.
    option_code = models.CharField(max_length=40, blank=True, default="", db_default="")
    option_value = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        db_table = "image"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(alt=""), name="image_has_alt"),
        ]

    def __str__(self) -> str:
        return self.alt
