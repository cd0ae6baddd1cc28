"""The pictures of products, and their bytes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ImageBlob(models.Model):
    """The bytes of one WebP picture under the SHA-256 (hex) of these bytes; never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    bytes = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "image_blob"
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="image_blob_sha256_shape"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Image(models.Model):
    """A picture of a product, of one of its variants, or of all that have a value of an option.

    `file` is named `<sha256>.webp`. Until somebody has described it, `alt` is the product's name.
    """

    product = models.ForeignKey(
        "catalogue.Product", on_delete=models.CASCADE, related_name="images"
    )
    variant = models.ForeignKey(
        "catalogue.Variant", on_delete=models.SET_NULL, null=True, blank=True, related_name="images"
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
