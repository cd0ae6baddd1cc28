"""The way of a signed-in person into the back office of the orders, and their recovery codes."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Now


class HandOver(models.Model):
    """A one-time code, and after its use the tie between two sessions of one person.

    ::

        opened --code and secret, within 60 s--> redeemed --either side signs out--> deleted

    Neither the code nor the secret is kept, only their SHA-256: whoever reads the table can sign
    in nowhere. The secret never leaves the cookies of the browser that asked for the code.
    """

    code_hash = models.CharField(max_length=64, unique=True)
    challenge = models.CharField(max_length=64)  # SHA-256 of the secret
    session_key = models.CharField(max_length=40, db_index=True)  # of the session here
    handle = models.UUIDField(default=uuid.uuid4, unique=True)  # how order_service names the tie
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    redeemed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(db_default=Now(), db_index=True)  # to an hour, see sessions.py

    class Meta:
        db_table = "staff_hand_over"

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class RecoveryCode(models.Model):
    """Lets a person in once without their device. Kept as SHA-256: a code has 80 random bits."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_recovery_code"

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
