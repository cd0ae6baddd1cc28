"""An error as its reader needs it: a page in the back office, problem details for programs.

The handlers of Django's urls.py are here: `handler400 = "chassis.error_handlers.bad_request"`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from chassis.back_office.kept import is_of_ours, to_send_again
from chassis.back_office.refusals import refused_page
from chassis.errors import (
    BadRequest,
    DomainError,
    Forbidden,
    InternalError,
    NotFound,
    as_domain_error,
    problem,
)

BACK_OFFICE = "/admin/"  # its readers are people
MAY_PASS = (403, 503)  # a right is given, a database comes back: the form is kept until then


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """`error` as its reader expects it: a page in the back office, a problem everywhere else."""
    if not f"{request.path}/".startswith(BACK_OFFICE):
        return problem(error, instance=request.path)
    told = {name: getattr(error, name) for name in ("code", "title", "detail", "status", "headers")}
    if error.status in MAY_PASS and is_of_ours(request):
        return to_send_again(request, **told, is_form=True)
    return refused_page(**told, is_form=request.method == "POST")


def _handler(usual: Callable[[], DomainError]) -> Callable[..., HttpResponse]:
    """Answers with what the exception means, or as usual if it says nothing.

    What a middleware raises comes here as well, such as a database lost while a session is saved.
    """

    def handle(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
        raised = exception or sys.exception()
        meant = as_domain_error(raised) if raised else None
        return answer(request, meant or usual())

    return handle


bad_request = _handler(BadRequest)  # what Django itself refuses, for example an unknown host
permission_denied = _handler(Forbidden)
not_found = _handler(NotFound)
# Says the request id, so that the log line can be found, and nothing else.
server_error = _handler(
    lambda: InternalError("This was logged. Quote the request id when you report it.")
)
