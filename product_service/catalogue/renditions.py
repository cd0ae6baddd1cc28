"""Pictures in smaller sizes, by the file of the picture that they were made from."""

from __future__ import annotations

from django.db import models


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
