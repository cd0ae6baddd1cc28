"""A form that cannot be saved now comes back on the page that says why, to be sent once more.

A form that another site sent is refused: it could have been made to trick whoever is signed in into
confirming it. `Origin` tells; a browser sends it with every form.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html_join

from chassis.back_office.refusals import refused_page
from chassis.logs import note_refusal

NOT_KEPT = ("csrfmiddlewaretoken", "password")  # parts of names
MOST_KEPT = 1024 * 1024  # characters, as of 1,000 variants; whoever sent them may be a stranger


def signed_out(request: HttpRequest) -> HttpResponse:
    """The answer to what was sent after the session had ended."""
    note_refusal("signed_out", "")
    return to_send_again(request, "signed_out", otherwise="too_large_to_keep", sign_in=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, or with that of an older session; Django has noted the reason."""
    is_sign_in = _is_sign_in(request)
    if not is_of_ours(request) or (is_sign_in and not request.COOKIES):
        return refused_page("csrf_failed")
    if not is_sign_in:
        return to_send_again(request, "stale", otherwise="too_large_to_keep")
    if not request.user.is_authenticated:
        messages.warning(request, "This page was out of date. Sign in once more.")
    return HttpResponseRedirect(request.get_full_path())


def is_of_ours(request: HttpRequest) -> bool:
    """Whether a form was sent from a page of this site."""
    own = (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)
    return request.method == "POST" and request.headers.get("Origin") in own


def to_send_again(
    request: HttpRequest, code: str, *, otherwise: str = "", **more: Any
) -> HttpResponse:
    """`refused_page` with the form; with the code `otherwise` and without it if it is too large.

    A form to sign in would come without its password, so it does not.
    """
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if not any(part in name for part in NOT_KEPT)
        for value in values
    ]
    if _is_sign_in(request) or sum(len(name) + len(value) for name, value in kept) > MOST_KEPT:
        return refused_page(otherwise or code, **more)
    field = '<input type="hidden" name="{}" value="{}">'
    form: dict[str, Any] = {"action": request.get_full_path()}
    form["kept"] = format_html_join("\n", field, kept)
    form |= {"token": get_token(request), "has_files": bool(request.FILES)}
    return refused_page(code, **more, **form)


def _is_sign_in(request: HttpRequest) -> bool:
    return request.path == reverse("admin:login")
