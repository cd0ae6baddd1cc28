"""The forms of a bulk change: what is to be done, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chassis.forms import LineField, NumberField, PriceField
from chassis.numbers import written
from product_service.bulk.models import BulkChange, Kind
from product_service.bulk.rules import AMOUNT, PERCENT, PriceRule, has_endings
from product_service.catalogue.models import Category

HOW = {  # value: label, way, sign
    "up": ("Raise by percent", PERCENT, 1),
    "down": ("Lower by percent", PERCENT, -1),
    "add": ("Raise by an amount", AMOUNT, 1),
    "take": ("Lower by an amount", AMOUNT, -1),
}
MOST_PERCENT = 1000
NOTHING = "Nothing would change. Enter a number, or choose an ending."


class PriceRuleForm(forms.Form):
    how = forms.ChoiceField(choices=[(value, label) for value, (label, *_) in HOW.items()])
    by = NumberField(
        label="By",
        min_value=0,
        help_text="A number without a sign, such as 5 or 2.50; 0 only rounds.",
    )
    ending = forms.ChoiceField(
        label="Round to",
        required=False,
        choices=[("", "Do not round"), ("99", "The nearest .99"), ("00", "The nearest .00")],
        help_text="Without it, half a cent and more is rounded up.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_endings():
            del self.fields["ending"]
        if not self.initial:
            self.fields["by"].widget.attrs["autofocus"] = True

    @classmethod
    def initial_of(cls, rule: dict[str, Any]) -> dict[str, Any]:
        if not rule:
            return {}
        by = Decimal(rule["by"])
        found = (
            each for each, (_, way, sign) in HOW.items() if (way, sign < 0) == (rule["way"], by < 0)
        )
        return {"how": next(found), "by": written(abs(by)), "ending": rule["ending"]}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        by, how = data.get("by"), data.get("how")
        if by is None or how is None:
            return data
        _, way, sign = HOW[how]
        if by == 0 and not data.get("ending"):
            self.add_error("by", NOTHING)
        elif way == PERCENT and sign < 0 and by >= 100:
            self.add_error("by", "Prices can be lowered by less than 100 percent.")
        elif way == PERCENT and by > MOST_PERCENT:
            self.add_error("by", f"Prices can be raised by {MOST_PERCENT} percent at most.")
        elif way == AMOUNT:
            self._clean_amount(by)
        return data

    def _clean_amount(self, by: Decimal) -> None:
        try:
            PriceField().run_validators(by)
        except ValidationError as error:
            self.add_error("by", error)

    def rule(self) -> dict[str, Any]:
        _, way, sign = HOW[self.cleaned_data["how"]]
        by = sign * self.cleaned_data["by"]
        return PriceRule(way, by, self.cleaned_data.get("ending", "")).kept()


class MoveForm(forms.Form):
    category = forms.TypedChoiceField(coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Category.objects.select_related("parent")
        names = sorted(
            (f"{row.parent} › {row}" if row.parent else str(row), row.pk) for row in rows
        )
        self.fields["category"].choices = [("", "---------"), *((pk, name) for name, pk in names)]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, rule: dict[str, Any]) -> dict[str, Any]:
        return {"category": rule.get("category_id")}

    def rule(self) -> dict[str, Any]:
        return {"category_id": self.cleaned_data["category"]}


class ConfirmForm(forms.Form):
    """`seen` is the preview that the person has before them."""

    reason = LineField(max_length=200, help_text="It is kept in the history of each product.")
    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, change: BulkChange, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = change.kind == Kind.PRICES
        self.fields["reason"].widget.attrs |= {"class": "vTextField", "autofocus": True}


FORMS: dict[str, type[PriceRuleForm] | type[MoveForm]] = {
    Kind.PRICES: PriceRuleForm,
    Kind.MOVE: MoveForm,
}
