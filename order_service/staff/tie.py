"""A session here is tied to the person's session at product_service, and ends with it.

Each CHECK_SECONDS of use it is asked whether the other still stands, and roles are renewed. While
product_service is away people go on working: it is asked again each RETRY_SECONDS.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from chassis import logs
from order_service.clients.staff import SignedIn, StaffUnavailable, end_session, fetch_session
from order_service.staff.mirror import mirror

log = logs.get_logger(__name__)

PAGES = "/admin/"
TIE = "staff_session"
CHECK_SECONDS = 60
RETRY_SECONDS = 15


class TieMiddleware:
    """For the pages of the back office; calls of the API have no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(PAGES) and is_tied(request):
            check(request)
        return self.get_response(request)


def tie(request: HttpRequest, signed_in: SignedIn) -> None:
    _note(request, signed_in.session, CHECK_SECONDS)


def is_tied(request: HttpRequest) -> bool:
    return TIE in request.session


def check(request: HttpRequest) -> None:
    """End the session here if the other has ended; nothing to do shortly after the last look."""
    kept: dict[str, Any] = request.session[TIE]
    if time.time() < kept["ask_at"]:
        return
    try:
        signed_in = fetch_session(kept["session"])
    except StaffUnavailable:
        _note(request, kept["session"], RETRY_SECONDS)
        return
    if signed_in is None:
        logout(request)
        return
    mirror(signed_in.person)
    tie(request, signed_in)


def untie(request: HttpRequest) -> bool:
    """Sign the person out at product_service; False if that could not be told there."""
    try:
        if is_tied(request):
            end_session(request.session[TIE]["session"])
    except StaffUnavailable as error:
        log.warning("sign-out not told", reason=str(error))
        return False
    return True


def _note(request: HttpRequest, session: str, seconds: int) -> None:
    request.session[TIE] = {"session": session, "ask_at": time.time() + seconds}
