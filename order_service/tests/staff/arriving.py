"""A browser that signs in at a catalogue, which is the stub of product_service."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from chassis.back_office.roles import Role
from order_service.tests.product_stub import State, problem

CATALOGUE = "https://catalogue.shop.example"
SESSIONS = "/v1/staff/sessions"
SESSION = "01990000-0000-7000-8000-00000000000a"
PERSON: dict[str, Any] = {
    "number": 7,
    "username": "sam",
    "first_name": "Sam",
    "last_name": "Smith",
    "email": "sam@example.org",
    "is_superuser": False,
    "roles": [Role.SUPPORT.value, "Night shift"],
}
SIGNED_OUT = (404, problem(404, "not_found"))


def signed_in(**changed: Any) -> tuple[int, dict[str, Any]]:
    """What product_service answers of a session."""
    return 200, {"session": SESSION, "person": {**PERSON, **changed}}


def knows_sam(shop: State, **changed: Any) -> None:
    shop.answers = {
        "/v1/catalogue/version": (200, {"version": "1"}),
        SESSIONS: signed_in(**changed),
    }


def sent_off(browser: Client, page: str = "/admin/orders/order/") -> str:
    """The challenge with which the browser is sent to the catalogue."""
    asked = browser.get("/admin/login/", {"next": page})
    assert asked["Location"].startswith(f"{CATALOGUE}/admin/to-orders/?challenge="), asked
    return parse_qs(urlsplit(asked["Location"]).query)["challenge"][0]


def arrive(browser: Client, challenge: str, code: str = "the code") -> Any:
    return browser.get("/admin/arrive/", {"challenge": challenge, "code": code})


def pass_time(browser: Client, seconds: float) -> None:
    """As if the last look at the other session had been so much earlier."""
    session = browser.session
    session["staff_session"] = {
        **session["staff_session"],
        "ask_at": session["staff_session"]["ask_at"] - seconds,
    }
    session.save()
