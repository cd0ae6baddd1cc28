"""A refusal as a page of the back office, in words for the people who read it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from chassis.logs import request_id

# Title and text of a refusal as a page, where a program would be told something else.
FOR_PEOPLE = {
    "bad_request": ("This address cannot be read", "Check it, or start at the front page."),
    "body_too_large": (
        "That was too much at once",
        "Nothing was saved. Go back to the form and send fewer files or rows at once.",
    ),
    "forbidden": (
        "You may not do this",
        "Your account does not have the right to do this. Ask whoever manages the accounts of the"
        " back office.",
    ),
    "csrf_failed": (
        "This page is out of date",
        "Nothing was saved. Reload the page and allow cookies for this site.",
    ),
    "signed_out": (
        "You are signed out",
        "You were signed out while this page was open, so nothing was saved. Sign in on another"
        " tab, come back here and send it again.",
    ),
    "stale": (
        "This page is out of date",
        "This page was opened before you signed in, so nothing was saved. Send it again.",
    ),
    "too_large_to_keep": (
        "Nothing was saved",
        "This form is too large to be sent again from here. Go back to read what you typed, open"
        " the form once more on another tab, and enter it there.",
    ),
    "not_found": (
        "This page does not exist",
        "It may have been deleted. Go back, or start at the front page.",
    ),
    "method_not_allowed": (
        "This page cannot be used like that",
        "Nothing was changed. Go back and use the buttons of the page.",
    ),
}
# The same where a form was sent.
OF_FORMS = {
    "bad_request": (
        "This could not be read",
        "Nothing was saved. Go back to the form and try again, with fewer rows or files at once.",
    ),
    "unavailable": (
        "This cannot be saved right now",
        "The database could not be reached, so what you sent was probably not saved. Wait a moment,"
        " then send it again.",
    ),
}


def refused_page(
    code: str,
    title: str = "",
    detail: str = "",
    status: int = 403,
    headers: Mapping[str, str] | None = None,
    *,
    is_form: bool = False,
    **more: Any,
) -> HttpResponse:
    """`title` and `detail` are shown of a code that has no words of its own here."""
    words = {**FOR_PEOPLE, **(OF_FORMS if is_form else {})}
    title, detail = words.get(code, (title, detail))
    # Without the request: who is signed in is stored in the database, which may be away.
    context = {"title": title, "detail": detail, "request_id": request_id(), **more}
    page = render_to_string("admin/refused.html", context)
    return HttpResponse(page, status=status, headers=headers)
