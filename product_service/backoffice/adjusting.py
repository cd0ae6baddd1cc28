"""The form that changes stock."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from chassis.forms import LineField, WholeNumberField
from product_service.inventory.models import StockMovement

Reason = StockMovement.Reason
CHANGE_MAX = 1_000_000
MANUAL = (Reason.RECEIVED, Reason.COUNTED, Reason.DAMAGED, Reason.RETURNED, Reason.CORRECTED)
DOES = {
    Reason.RECEIVED: "adds",
    Reason.COUNTED: "sets the stock",
    Reason.DAMAGED: "takes away",
    Reason.RETURNED: "adds",
    Reason.CORRECTED: "adds, or takes away with a minus",
}


class AdjustForm(forms.Form):
    """How many pieces, and why; the reason says what the number does.

    `reference` makes a form that was sent twice count once. `on_books` is the stock that a count
    was compared with before it was confirmed.
    """

    reason = forms.ChoiceField(
        choices=[("", "---------"), *((r.value, f"{r.label} ({DOES[r]})") for r in MANUAL)]
    )
    change = WholeNumberField(
        label="Pieces",
        min_value=-CHANGE_MAX,
        max_value=CHANGE_MAX,
        help_text="Counted: all pieces in the house, those held for orders included.",
    )
    note = LineField(max_length=200, required=False)
    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    on_books = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        pieces, reason = data.get("change"), data.get("reason")
        if pieces is None or not reason:
            return data
        label = Reason(reason).label
        if reason == Reason.COUNTED:
            if pieces < 0:
                self.add_error("change", "A count cannot be below zero. Type how many are there.")
        elif pieces == 0:
            self.add_error("change", "Nothing would change.")
        elif reason == Reason.DAMAGED:
            data["change"] = -abs(pieces)
        elif reason != Reason.CORRECTED and pieces < 0:
            self.add_error(
                "change", f"“{label}” adds pieces. Type {-pieces}, or choose another reason."
            )
        return data

    @property
    def is_count(self) -> bool:
        return bool(self.cleaned_data["reason"] == Reason.COUNTED)
