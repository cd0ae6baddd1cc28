"""The one row of shop settings in the back office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from chassis.forms import EmailField, LineField
from order_service.mail_settings import parse_address
from order_service.shop.models import ONE, ShopSettings, shop_settings


class SenderField(LineField):
    """One sender, kept as mails show it."""

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        if not text:
            return text
        try:
            return str(parse_address(text))
        except ValueError as error:
            said = str(error)
            raise ValidationError(f"{said[0].upper()}{said[1:]}.", "invalid") from None


class ShopSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    email = EmailField(required=False, label="E-mail", help_text="For questions.")
    sender = SenderField(
        max_length=320,
        required=False,
        widget=forms.TextInput(attrs={"size": 40}),
        help_text=ShopSettings._meta.get_field("sender").help_text,
    )


@admin.register(ShopSettings)
class ShopSettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ShopSettingsForm
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "sender")}),
        (
            "Company, below every mail",
            {"fields": ("company", "address", "registration", "vat_id", "email", "phone")},
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one row, so the list leads to it."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:shop_shopsettings_change", args=[ONE]))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        shop_settings.forget_on_commit()
