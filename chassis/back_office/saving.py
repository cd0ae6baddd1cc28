"""Saves the forms of the site field by field, under a lock; what the database refuses is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin, widgets
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, IntegrityError, connection, models, transaction
from django.forms import BaseModelForm, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from chassis.back_office.constraints import sentence_of
from chassis.back_office.merging import SEEN, MergingForm, seen_by_page
from chassis.back_office.rows import MergingRow, MergingRows
from chassis.forms import LineField, NumberField, TextField, WholeNumberField
from chassis.logs import note_refusal

OPENED = "opened"  # among what a page has seen: when that was
# What people type is read under the shop's own rules; see chassis.text and chassis.numbers.
FIELDS: dict[Any, dict[str, Any]] = {
    models.CharField: {"form_class": LineField, "widget": widgets.AdminTextInputWidget},
    models.SlugField: {"form_class": forms.SlugField, "widget": widgets.AdminTextInputWidget},
    models.TextField: {"form_class": TextField, "widget": widgets.AdminTextareaWidget},
    models.DecimalField: {"form_class": NumberField, "widget": NumberField.widget},
    models.IntegerField: {"form_class": WholeNumberField, "widget": WholeNumberField.widget},
}


class Saving(ModelAdmin):  # type: ignore[type-arg]
    """Mixed into every ModelAdmin of the site, below what it declares itself."""

    formfield_overrides = FIELDS

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """On POST read under the row's lock: who saves next sees what was saved before."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        rows = self.model._base_manager.filter(pk=found.pk)
        rows.select_for_update(of=("self",), no_key=True).values("pk").first()
        return super().get_object(request, object_id, from_field)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Any]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refused_by_database", "")
        told = {"rival": self._rival(request, obj), "refusal": refusal}
        return type(form.__name__, (form, MergingForm), told)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        found = super().get_inline_instances(request, obj)
        for inline in found:
            own: Any = inline.formfield_overrides  # a copy that the inline has made for itself
            own.update(FIELDS)
        return found

    def get_formsets_with_inlines(
        self, request: HttpRequest, obj: Any = None
    ) -> Iterator[tuple[Any, Any]]:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            told = {"rival": self._rival(request, obj)}
            formset.form = type(formset.form.__name__, (formset.form, MergingRow), told)
            yield type(formset.__name__, (MergingRows, formset), {}), inline

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.written)
        else:
            super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: BaseModelForm[Any], formsets: Any, change: bool
    ) -> None:
        """Unique values may change places among rows: deferrable constraints wait for the last."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            super().save_related(request, form, formsets, change)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the database refuses is told on the form, which keeps what was typed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (IntegrityError, DataError) as error:
            refusal = _told(error)
        request.refused_by_database = refusal  # type: ignore[attr-defined]
        for _, files in request.FILES.lists():
            for each in files:
                each.seek(0)
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An action runs in one transaction, except for rows that nobody can edit: their actions
        call other services, and no lock may be held meanwhile."""
        is_one = request.method == "POST" and self.has_change_permission(request)
        try:
            with transaction.atomic() if is_one else nullcontext():
                return super().changelist_view(request, *args, **kwargs)
        except (IntegrityError, DataError) as error:
            return _back(request, error, "Nothing" if is_one else "Not everything")

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().delete_view(request, *args, **kwargs)
        except IntegrityError as error:
            return _back(request, error)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rows = [form for each in context["inline_admin_formsets"] for form in each.formset.forms]
        seen = {OPENED: datetime.now(UTC).isoformat()}
        for form in (context["adminform"].form, *rows):
            seen |= form.to_send_back
        context |= {"seen_name": SEEN, "seen": json.dumps(seen)}
        return super().render_change_form(request, context, *args, **kwargs)

    def _rival(self, request: HttpRequest, obj: Any) -> Any:
        return staticmethod(partial(_last_to_save, obj, seen_by_page(request.POST).get(OPENED, "")))


def _last_to_save(obj: Any, opened: str) -> str:
    """Who saved `obj` since the page was opened, and when, as far as the history tells."""
    try:
        since = datetime.fromisoformat(opened).replace(tzinfo=UTC)  # as it was sent
    except ValueError:
        return "Somebody else"
    kind = ContentType.objects.get_for_model(obj)
    entries = LogEntry.objects.filter(content_type=kind, object_id=obj.pk, action_time__gte=since)
    entry = entries.select_related("user").order_by("-action_time").first()
    if entry is None:
        return "Somebody else"
    return f"{entry.user.get_username()} (at {timezone.localtime(entry.action_time):%H:%M %Z})"


def _told(error: IntegrityError | DataError) -> str:
    """The sentence for it. The log gets the cause: a refusal that no form has foreseen."""
    note_refusal(type(error).__name__, str(*error.args[:1]))  # without the rows behind it
    return sentence_of(error)


def _back(
    request: HttpRequest, error: IntegrityError | DataError, changed: str = "Nothing"
) -> HttpResponse:
    messages.error(request, f"{changed} was changed. {_told(error)}")
    return HttpResponseRedirect(request.get_full_path())
