"""The bytes of pictures, and which of them are the same picture smaller."""

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


class Rendition(models.Model):
    """The picture in the file `source` again, at most `side` pixels long and wide."""

    source = models.CharField(max_length=80)
    side = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.CharField(max_length=80)

    class Meta:
        db_table = "rendition"
        constraints = [
            models.UniqueConstraint(fields=["source", "side"], name="rendition_size_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.side}"
