"""Which user here is which member of staff at product_service."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models


class StaffMember(models.Model):
    """A user who is kept as product_service tells; one without a row never came from there."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="member")
    number = models.PositiveBigIntegerField(unique=True)  # of the account at product_service

    class Meta:
        db_table = "staff_member"

    def __str__(self) -> str:
        return f"{self.user} ({self.number})"
