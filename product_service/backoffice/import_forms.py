"""The forms of an import: the file, and the word that starts it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chassis.forms import LineField
from product_service.transfer.models import Import
from product_service.transfer.tables import MOST_BYTES


class UploadForm(forms.Form):
    upload = forms.FileField(
        label="File",
        help_text="CSV or XLSX, up to 10 MB and 20,000 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    note = LineField(label="Why", max_length=200, required=False, help_text="For the history.")

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload.size > MOST_BYTES:
            raise ValidationError("It is larger than 10 MB. Split it and upload the parts.")
        return upload


class StartForm(forms.Form):
    """Whoever starts an import with warnings has looked at them."""

    has_looked = forms.BooleanField(
        error_messages={"required": "Look at the warnings, then say that they are right."}
    )

    def __init__(self, of: Import, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        warnings = of.counts.get("warnings", 0)
        self.fields["has_looked"].label = f"I have looked at the warnings ({warnings})"
        if not warnings:
            del self.fields["has_looked"]
