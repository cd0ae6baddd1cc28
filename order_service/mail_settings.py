"""EMAIL_* and OWNER_EMAIL: the mail server, whom mails come from, and who hears of new orders."""

from __future__ import annotations

from email.errors import ObsoleteHeaderDefect
from email.headerregistry import Address
from email.policy import default
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.encoding import punycode

from chassis.environment import Environment
from chassis.text import validate_line

DEFAULT_SENDER = "shop@localhost"
# Seconds. The timeout is for each answer of the mail server, of which a mail needs about eight.
# The two limits are for all of them together: a worker interrupts the mail at the first and is
# killed at the second, and whoever stops a worker grants it more (docs/decisions/0003).
DEFAULT_TIMEOUT, LONGEST_TIMEOUT = 30, 40
INTERRUPTED_AFTER, KILLED_AFTER = 45, 50


def mail(env: Environment) -> dict[str, Any]:
    """EMAIL_* and DEFAULT_FROM_EMAIL as Django's SMTP backend reads them."""
    timeout = env.number(
        "EMAIL_TIMEOUT_SECONDS", DEFAULT_TIMEOUT, least=1, most=LONGEST_TIMEOUT, unit=" of seconds"
    )
    starttls, implicit = env.flag("EMAIL_USE_TLS"), env.flag("EMAIL_USE_SSL")
    if starttls and implicit:
        env.complain(
            "EMAIL_USE_TLS (STARTTLS, usually port 587) and EMAIL_USE_SSL (TLS from the first byte,"
            " usually port 465) exclude each other: set one of them to 0"
        )
    return {
        "EMAIL_BACKEND": "order_service.notifications.smtp.Backend",
        "EMAIL_HOST": env.host("EMAIL_HOST", "127.0.0.1"),
        "EMAIL_PORT": env.port("EMAIL_PORT", 465 if implicit else 25),
        "EMAIL_HOST_USER": env.text("EMAIL_USER", ""),
        "EMAIL_HOST_PASSWORD": env.text("EMAIL_PASSWORD", ""),
        "EMAIL_USE_TLS": starttls,
        "EMAIL_USE_SSL": implicit,
        "EMAIL_TIMEOUT": timeout,
        "DEFAULT_FROM_EMAIL": _address(env, "EMAIL_FROM", "sender", DEFAULT_SENDER),
    }


def owner_email(env: Environment) -> str:
    """Who hears of new orders; "" for nobody."""
    return _address(env, "OWNER_EMAIL", "recipient", "")


def _address(env: Environment, name: str, what: str, default: str) -> str:
    text = env.text(name, default)
    try:
        return str(parse_address(text)) if text else ""
    except ValueError as error:
        env.complain(f"{name} must be one {what}: {error}")
        return text


def parse_address(text: str) -> Address:
    """One address, with or without a name, as RFC 5322 writes them; its domain comes in ASCII.

    Raises ValueError saying what to write instead. Line breaks are refused even where an encoded
    word hides them, so that nothing can become a header of its own.
    """
    _must_be_a_line(text)
    try:
        header = default.header_factory("From", text)
    except (IndexError, ValueError) as error:  # CPython's parser: text that ends too early, and
        # a line break that an encoded word hides
        raise ValueError(_hint(text)) from error
    wrong = [each for each in header.defects if not isinstance(each, ObsoleteHeaderDefect)]
    [group, *more] = header.groups or [None]
    if wrong or more or group is None or group.display_name or len(group.addresses) != 1:
        raise ValueError(_hint(text))
    found = group.addresses[0]
    has_comment = "(" in text and "(" not in found.display_name
    if not found.domain or has_comment or not found.username.isascii():
        raise ValueError(_hint(text))
    _must_be_a_line(found.display_name)
    return Address(found.display_name, found.username, punycode(found.domain))


def _must_be_a_line(text: str) -> None:
    try:
        validate_line(text)
    except ValidationError as error:
        raise ValueError(f"{error.messages[0]} It is {text!r}") from error


def _hint(text: str) -> str:
    return (
        "write shop@example.org or TechCommerce <shop@example.org>, and quotes around a name with "
        f'commas or brackets, "Tech, Commerce" <shop@example.org>; it is {text!r}'
    )
