"""What calls take, and for the schema what they answer.

Reads are not run through serializers (they would cost more than the query); a test holds real
answers against the schema that is made from these.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from chassis.fields import BoundedListField, TextField, WholeNumberField
from chassis.serializers import MoneyField, StrictSerializer
from product_service.catalogue.availability import WORDS

QUANTITY_MAX = 99
LINES_MAX = 50
VARIANT_ID_MAX = 2**53 - 1  # the largest whole number that every reader of JSON keeps exact


class WantedLine(StrictSerializer):
    """With a variant id the line follows that variant, whatever its SKU is now."""

    sku = TextField(max_length=64)
    variant_id = WholeNumberField(min_value=1, max_value=VARIANT_ID_MAX, required=False)
    quantity = WholeNumberField(min_value=1, max_value=QUANTITY_MAX)


class WantedQuote(StrictSerializer):
    lines = BoundedListField(child=WantedLine(), max_length=LINES_MAX)


class ImageSize(serializers.Serializer[Any]):
    url = serializers.CharField()
    width = serializers.IntegerField()


class Image(serializers.Serializer[Any]):
    url = serializers.CharField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sizes = ImageSize(many=True, help_text="The same picture smaller, the smallest first.")


class Link(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class QuoteLine(serializers.Serializer[Any]):
    sku = serializers.CharField(help_text="Its SKU now; as it was asked for if unavailable.")
    variant_id = serializers.IntegerField(
        allow_null=True, help_text="Stays when the SKU is corrected; null if the SKU is unknown."
    )
    quantity = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["ok", "less_left", "sold_out", "unavailable"])
    available = serializers.IntegerField(help_text="Pieces left, 99 at most.")
    name = serializers.CharField(allow_null=True)
    options = serializers.DictField(child=serializers.CharField())
    product_slug = serializers.CharField(allow_null=True)
    image = Image(allow_null=True)
    unit_price = MoneyField(allow_null=True)
    tax_class = serializers.CharField()


class Quote(serializers.Serializer[Any]):
    currency = serializers.CharField()
    lines = QuoteLine(many=True)


HIDDEN = "May be hidden, and then it has no page; a product’s `breadcrumb` leaves it out."


class Card(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    category = Link(help_text=HIDDEN)
    key_specs = serializers.ListField(child=serializers.CharField(), max_length=3)
    image = Image(allow_null=True)
    price = MoneyField()
    prior_price = MoneyField(allow_null=True)
    price_varies = serializers.BooleanField()
    availability = serializers.ChoiceField(choices=WORDS)
    default_sku = serializers.CharField()


class Applied(serializers.Serializer[Any]):
    q = serializers.CharField(allow_blank=True)
    has_words = serializers.BooleanField(
        help_text="False if q has nothing to look for, as in “%”; then nothing is found."
    )
    category = serializers.CharField(allow_null=True)
    in_stock = serializers.BooleanField()
    sort = serializers.CharField()


class ProductList(serializers.Serializer[Any]):
    items = Card(many=True)
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    applied = Applied()


class AttributeOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField(help_text="Formatted, for example 16 GB, Yes or Matte.")


class OptionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class VariantOut(serializers.Serializer[Any]):
    sku = serializers.CharField()
    variant_id = serializers.IntegerField(help_text="Stays when the SKU is corrected.")
    name = serializers.CharField(allow_blank=True)
    options = serializers.DictField(child=serializers.CharField())
    price = MoneyField()
    prior_price = MoneyField(allow_null=True)
    availability = serializers.ChoiceField(choices=WORDS)
    available = serializers.IntegerField(help_text="Pieces left, 99 at most.")
    image = Image(allow_null=True)


class ProductDetail(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    category = Link(help_text=HIDDEN)
    breadcrumb = Link(many=True)
    attributes = AttributeOut(many=True)
    images = Image(many=True)
    options = OptionOut(many=True)
    variants = VariantOut(many=True)
    default_sku = serializers.CharField()
    related = Card(many=True)


class CategoryNode(serializers.Serializer[Any]):
    """A category. `children` are categories of the same shape."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    count = serializers.IntegerField(
        help_text="Published products, including those of subcategories."
    )
    image = Image(allow_null=True)
    children = serializers.ListField(child=serializers.DictField())


class CategoryTree(serializers.Serializer[Any]):
    items = CategoryNode(many=True)


class CategoryDetail(CategoryNode):
    breadcrumb = Link(many=True)
