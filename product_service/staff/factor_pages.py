"""The pages of the second factor: a code at the sign-in, enrolling a device, recovery codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe

from chassis.back_office.site import page_wanted
from chassis.errors import TooManyRequests
from chassis.forms import LineField
from product_service.staff import second_factor

WRONG = "This code is not right. Codes change every 30 seconds, and each is good once."


class CodeForm(forms.Form):
    code = LineField(
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


def ask(site: AdminSite, request: HttpRequest, user: User) -> HttpResponse:
    """The page that stands between the password and everything else."""
    is_new = not second_factor.has_device(user)
    form = CodeForm(request.POST or None)
    status = 200
    if form.is_valid():
        try:
            if (done := _entered(site, request, user, form, is_new=is_new)) is not None:
                return done
            form.add_error("code", WRONG)
        except TooManyRequests as refusal:
            form.add_error("code", f"Too many wrong codes. {refusal.detail}")
            status = refusal.status
    title = "Set up your second factor" if is_new else "Enter your code"
    context = {**_context(site, request, title), "form": form}
    if is_new:
        enrolment = second_factor.enrolment_of(user)
        # Made by segno of an address without a character of HTML's own.
        context |= {"picture": mark_safe(enrolment.picture), "key": enrolment.key}  # noqa: S308
    return TemplateResponse(request, "admin/staff/second_factor.html", context, status=status)


def _entered(
    site: AdminSite, request: HttpRequest, user: User, form: CodeForm, *, is_new: bool
) -> HttpResponse | None:
    """The page that follows a right code; None for a wrong one. Raises TooManyRequests."""
    code, page = form.cleaned_data["code"], page_wanted(request)
    if not is_new:
        is_right = second_factor.enter(request, user, code)
        return HttpResponseRedirect(page) if is_right else None
    codes = second_factor.confirm(request, user, code)
    return None if codes is None else _shown_once(site, request, codes, page)


def recovery_codes(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """How many are left; on POST ten new ones."""
    user = request.user
    if not isinstance(user, User) or not second_factor.has_device(user):
        return HttpResponseRedirect(reverse("admin:index"))
    if request.method == "POST":
        codes = second_factor.renew_codes(user)
        return _shown_once(site, request, codes, reverse("admin:index"))
    context = {**site.each_context(request), "title": "Recovery codes"}
    context["left"] = second_factor.codes_left(user)
    return TemplateResponse(request, "admin/staff/recovery_codes.html", context)


def _shown_once(
    site: AdminSite, request: HttpRequest, codes: list[str], page: str
) -> TemplateResponse:
    context = {**_context(site, request, "Keep your recovery codes"), "codes": codes, "page": page}
    return TemplateResponse(request, "admin/staff/codes_once.html", context)


def _context(site: AdminSite, request: HttpRequest, title: str) -> dict[str, Any]:
    """Without the lists of the sidebar: the person is not in yet."""
    return {**site.each_context(request), "title": title, "is_nav_sidebar_enabled": False}
