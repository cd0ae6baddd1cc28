"""The form that changes stock."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms

from chassis.forms import LineField, WholeNumberField
from product_service.inventory.models import Reason, StockItem

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

    A count is saved once somebody has seen how it differs from the books: `on_books` is the stock
    that it was compared with. `reference` makes a form that was sent twice count once.
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

    def __init__(self, item: StockItem, data: Any = None) -> None:
        super().__init__(data)
        self.item = item

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        pieces, reason = data.get("change"), data.get("reason")
        if pieces is None or not reason:
            return data
        label = Reason(reason).label
        if reason == Reason.COUNTED:
            if pieces < 0:
                self.add_error("change", "A count cannot be below zero. Type how many are there.")
            elif pieces < self.item.reserved:
                self.add_error(
                    "change",
                    f"Orders hold {self.item.reserved} of the pieces, so a count of {pieces} leaves"
                    " too few. Count again, or cancel an order first.",
                )
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

    @property
    def difference(self) -> int:
        """What it adds to the stock on the books; negative takes away."""
        pieces: int = self.cleaned_data["change"]
        return pieces - self.item.on_hand if self.is_count else pieces

    @property
    def is_settled(self) -> bool:
        """Whether it can be saved without asking."""
        seen = self.cleaned_data["on_books"] == self.item.on_hand
        return not self.is_count or seen or self.difference == 0

    def sentences(self) -> Iterator[str]:
        """What saving the count would do."""
        item, counted, seen = self.item, self.cleaned_data["change"], self.cleaned_data["on_books"]
        if seen not in (None, item.on_hand):
            yield f"The stock has changed meanwhile, from {seen} to {item.on_hand}."
        does = "adds" if self.difference > 0 else "takes away"
        yield f"{item.on_hand} on the books, you counted {counted}: {does} {abs(self.difference)}."
        if item.reserved:
            left = counted - item.reserved
            yield f"Orders hold {item.reserved} of them, so {left} are left to sell."
