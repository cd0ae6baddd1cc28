"""Who is signed in at product_service, which holds the accounts of staff, read strictly.

redeem_code     -> SignedIn, or raises CodeRefused
fetch_session   -> SignedIn, or None once the person is signed out
end_session     -> nothing: the person is signed out there as well
require_there   -> nothing: product_service is there to sign people in
any call           raises StaffUnavailable
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chassis.http import Answer, Refused, Unavailable
from chassis.logs import get_logger
from chassis.shapes import reader
from order_service.clients.product_service import staff_service

log = get_logger(__name__)

SUBJECT = "service:order_service"
SESSIONS = "/v1/staff/sessions"


class StaffUnavailable(Exception):
    """product_service cannot be reached or has no usable answer: nobody can sign in right now."""


class CodeRefused(Exception):
    """The code was used, is too old, or was given to another browser."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member of staff; `number` stays when the name changes."""

    number: int
    username: str
    first_name: str
    last_name: str
    email: str
    is_superuser: bool
    roles: tuple[str, ...]


@dataclass(frozen=True)
class SignedIn:
    """A person, and how to ask for their session at product_service again."""

    session: str
    person: Person


_read = reader(SignedIn)


def redeem_code(code: str, secret: str) -> SignedIn:
    body = {"code": code, "secret": secret}
    try:
        return _signed_in(lambda: _call("POST", SESSIONS, "redeem_sign_in", body))
    except Refused as refusal:
        raise CodeRefused(refusal.code) from refusal


def fetch_session(session: str) -> SignedIn | None:
    try:
        return _signed_in(lambda: _call("GET", f"{SESSIONS}/{session}", "get_staff_session"))
    except Refused:
        return None


def end_session(session: str) -> None:
    _told(lambda: _call("DELETE", f"{SESSIONS}/{session}", "end_staff_session"))


def require_there() -> None:
    """Asks for the version of the catalogue, which is the cheapest answer there is."""
    _told(lambda: _call("GET", "/v1/catalogue/version", "get_catalogue_version"))


def _call(method: str, path: str, operation: str, body: object = None) -> Answer:
    return staff_service().call(method, path, operation=operation, subject=SUBJECT, json=body)


def _signed_in(call: Callable[[], Answer]) -> SignedIn:
    """Raises StaffUnavailable, or Refused if there is no such code or session."""
    answer = _told(call)
    try:
        return _read(answer.body)
    except ValueError as error:
        log.error("upstream answer malformed", operation="staff", error=str(error))
        raise StaffUnavailable("malformed answer") from error


def _told(call: Callable[[], Answer]) -> Answer:
    """A refused key is a fault of the set-up, and tells nothing of a person."""
    try:
        return call()
    except Unavailable as error:
        raise StaffUnavailable(error.reason) from error
    except Refused as refusal:
        if refusal.code in ("code_refused", "not_found"):
            raise
        log.error("upstream refused", operation="staff", code=refusal.code, status=refusal.status)
        raise StaffUnavailable(refusal.code) from refusal
