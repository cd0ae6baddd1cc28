"""A form that cannot be saved now comes back on the page that says why, to be sent once more.

A form that another site sent is refused: it could have been made to trick whoever is signed in into
confirming it. `Origin` tells; a browser sends it with every form.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from chassis.back_office.refusals import refused_page
from chassis.logs import note_refusal

NOT_KEPT = ("csrfmiddlewaretoken", "password")  # parts of names


def signed_out(request: HttpRequest) -> HttpResponse:
    """The answer to what was sent after the session had ended."""
    note_refusal("signed_out", "")
    return _to_send_again(request, "signed_out")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, or with that of an older session; Django has noted the reason."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if request.method == "POST" and origin.netloc == request.get_host():
        return _to_send_again(request, "stale")
    return refused_page("csrf_failed")


def _to_send_again(request: HttpRequest, code: str) -> HttpResponse:
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if not any(part in name for part in NOT_KEPT)
        for value in values
    ]
    return refused_page(
        code,
        action=request.get_full_path(),
        kept=kept,
        token=get_token(request),
        sign_in=code == "signed_out",
        has_files=bool(request.FILES),
    )
