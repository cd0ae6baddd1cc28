"""The form that changes stock."""

from __future__ import annotations

import uuid

from django import forms

from product_service.inventory.models import StockMovement

Reason = StockMovement.Reason
CHANGE_MAX = 1_000_000
MANUAL = (Reason.RECEIVED, Reason.COUNTED, Reason.DAMAGED, Reason.RETURNED, Reason.CORRECTED)


class AdjustForm(forms.Form):
    """By how much, and why. `reference` makes a form that was sent twice count once."""

    change = forms.IntegerField(
        label="Change by",
        min_value=-CHANGE_MAX,
        max_value=CHANGE_MAX,
        help_text="12 adds twelve, -3 takes three away.",
    )
    reason = forms.ChoiceField(choices=[("", "---------"), *((r.value, r.label) for r in MANUAL)])
    note = forms.CharField(max_length=200, required=False)
    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_change(self) -> int:
        change: int = self.cleaned_data["change"]
        if change == 0:
            raise forms.ValidationError("Nothing would change.")
        return change
