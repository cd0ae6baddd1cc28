"""A form that cannot be saved now comes back on the page that says why, to be sent once more.

It is shown to whoever sent it from a page of ours: a form that comes from another site, which could
have been made to be confirmed, is not (`Origin` tells; a browser sends it with every form).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from chassis.logs import note_refusal, request_id

NOT_KEPT = ("csrfmiddlewaretoken", "password")  # parts of names
SIGNED_OUT = (
    "You were signed out while this page was open, so nothing was saved. Sign in on another tab,"
    " come back here and send it again."
)
STALE = "This page was opened before you signed in, so nothing was saved. Send it again."


def signed_out(request: HttpRequest) -> HttpResponse:
    """What was typed after the session had ended."""
    note_refusal("signed_out", "")
    return _page(request, "You are signed out", SIGNED_OUT, sign_in=True)


def stale(request: HttpRequest) -> HttpResponse | None:
    """A form of ours with the token of an older session; None if it is not known to be ours."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if request.method != "POST" or origin.netloc != request.get_host():
        return None
    try:
        return _page(request, "This page is out of date", STALE, sign_in=False)
    except UnreadablePostError:
        return None


def _page(request: HttpRequest, title: str, detail: str, *, sign_in: bool) -> HttpResponse:
    context: dict[str, Any] = {
        "title": title,
        "detail": detail,
        "request_id": request_id(),
        "action": request.get_full_path(),
        "kept": [
            (name, value)
            for name, values in request.POST.lists()
            if not any(part in name for part in NOT_KEPT)
            for value in values
        ],
        "token": get_token(request),
        "sign_in": sign_in,
        "has_files": bool(request.FILES),
    }
    return HttpResponse(render_to_string("admin/refused.html", context), status=403)
