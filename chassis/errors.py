"""Errors as RFC 9457 problem details (`application/problem+json`).

    DomainError                 a rule of the shop said no; has a status, a stable code, a title
    |-- BadRequest        400   the request cannot be understood
    |-- Invalid           400   fields of the body are wrong; `errors` names each
    |-- Unauthorized      401   the caller did not say who they are, or not believably
    |-- Forbidden         403   the caller may not do this
    |-- NotFound          404   absent, or not the caller's: the answer is the same
    |-- Conflict          409   the state of things forbids it now
    |-- TooLarge          413   the body is over the limit
    |-- Unprocessable     422   understood, and wrong
    |-- TooManyRequests   429   slow down; has Retry-After
    `-- ServiceUnavailable 503  something we need is away; has Retry-After

The docstring of each is what the page at its `type` says: what happened, and what to do.
Views raise, never catch; whatever was raised becomes one shape, see chassis/drf_errors.py as well:
`{type, title, status, detail, instance, code, request_id, errors: [{pointer, detail, code}]}`.
What a problem repeats of a request is cut to TEXT_MAX characters, and `errors` to ERRORS_MAX
fields; `detail` then says how many more there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core import exceptions
from django.http import Http404, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from chassis.logs import get_logger, note_refusal, request_id
from chassis.lost_database import lost_database

log = get_logger(__name__)

TYPE_BASE = "/errors/"  # a problem's type: a page of the service that answered
# What Django makes of a request that no client of ours sends, or that broke off on its way.
NONSENSE = (
    exceptions.SuspiciousOperation,
    exceptions.BadRequest,
    MultiPartParserError,
    UnreadablePostError,
)
ERRORS_MAX = 20
TEXT_MAX = 200  # characters


@dataclass(frozen=True)
class FieldError:
    """One wrong field: where (JSON Pointer, RFC 6901), what to do, a stable code."""

    pointer: str
    detail: str
    code: str = "invalid"


class DomainError(Exception):
    """The request was refused. `detail` says why, and what to do about it."""

    status = 400
    code = "refused"
    title = "The request was refused"
    usual_headers: Mapping[str, str] = {}

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or f"{self.title}."
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.headers = {**self.usual_headers, **(headers or {})}


class BadRequest(DomainError):
    """The request is malformed. Correct what `detail` names; repeating it unchanged won't help."""

    status, code, title = 400, "bad_request", "The request cannot be understood"


class Invalid(DomainError):
    """One or more fields are invalid. Correct each field in `errors`: `pointer` says which it is,
    `detail` what is allowed."""

    status, code, title = 400, "invalid", "Invalid fields"


class Unauthorized(DomainError):
    """The call needs a service token. Send `Authorization: Bearer <token>` with a fresh one."""

    status, code, title = 401, "not_authenticated", "A service token is required"
    usual_headers = {"WWW-Authenticate": "Bearer"}  # RFC 9110, section 11.6.1


class Forbidden(DomainError):
    """You are not allowed to do this. Ask whoever runs the shop for the permission."""

    status, code, title = 403, "forbidden", "Permission denied"


class NotFound(DomainError):
    """Nothing exists at this URL, or it isn't yours: the answer is the same. Check the URL and
    the subject of your token."""

    status, code, title = 404, "not_found", "Not found"


class Conflict(DomainError):
    """The current state does not allow this. Read it again, then decide anew."""

    status, code, title = 409, "conflict", "The current state does not allow this"


class TooLarge(DomainError):
    """The body is larger than this URL accepts, usually 64 KiB. Send less at once."""

    status, code, title = 413, "body_too_large", "The request body is too large"


class Unprocessable(DomainError):
    """The request is well-formed, but can't be fulfilled. Correct what `detail` names."""

    status, code, title = 422, "unprocessable", "The request can't be fulfilled"


class TooManyRequests(DomainError):
    """Too many attempts. Wait for the seconds in Retry-After, then repeat the request."""

    status, code, title = 429, "too_many_requests", "Too many requests"


class ServiceUnavailable(DomainError):
    """Something that this request needs is unavailable. Wait for the seconds in Retry-After, then
    repeat it: with the same Idempotency-Key if you are placing an order."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"
    usual_headers = {"Retry-After": "2"}


class InternalError(DomainError):
    """An unexpected error, which was logged. Quote `request_id` when you report it."""

    status, code, title = 500, "internal_error", "Internal server error"


def problem(error: DomainError, *, instance: str) -> HttpResponse:
    """The answer for `error`; `instance` is the path that was asked for."""
    more = len(error.errors) - ERRORS_MAX
    body = {
        "type": TYPE_BASE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": _short(error.detail) + (f" And {more} more." if more > 0 else ""),
        "instance": _short(instance),
        "code": error.code,
        "request_id": request_id(),
        "errors": [
            {"pointer": _short(field.pointer), "detail": _short(field.detail), "code": field.code}
            for field in error.errors[:ERRORS_MAX]
        ],
        **error.extra,
    }
    # A message may repeat what was sent, lone surrogates included, which orjson refuses.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    headers = {**error.headers, "Cache-Control": "no-store"}
    kind = "application/problem+json"
    return HttpResponse(content, status=error.status, content_type=kind, headers=headers)


def _short(text: str) -> str:
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def escaped(name: str) -> str:
    """`name` as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def as_domain_error(exc: BaseException) -> DomainError | None:
    """What `exc` means to a client, or None if it is a bug."""
    match exc:
        case DomainError():
            return exc
        case _ if lost := lost_database(exc):
            log.error("database unavailable", error=str(lost).strip())
            return ServiceUnavailable(
                "The database can't be reached right now. Try again in a moment."
            )
        case Http404():
            return NotFound()
        case exceptions.PermissionDenied():
            return Forbidden()
        case _ if isinstance(exc, NONSENSE):
            note_refusal(type(exc).__name__, str(exc))
            detail = "The request is malformed, or it arrived incomplete."
            is_large = isinstance(exc, exceptions.RequestDataTooBig)
            return TooLarge() if is_large else BadRequest(detail)
        case _:
            return None
