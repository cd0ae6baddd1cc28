"""Mails: each is written for its topic and recipient and handed to the mail server.

A mail is one delivery row. Its Message-ID comes from the row's key, so a mail that had to be sent
twice (the process died after the server took it) shows up once in most mailboxes.

NotSent             it failed; the next try may do better
 +-- Refused        the mail server says: this one, never
 +-- Unanswered     the mail server has all of it and did not say whether it takes it
 +-- NobodyToTell   the shop names nobody any more who is told by this channel
"""

from __future__ import annotations

import smtplib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from order_service.notifications.smtp import MailUnanswered
from order_service.orders.crashpoints import crashpoint
from order_service.orders.models import Delivery, Order
from order_service.shop.models import shop_settings

PERMANENT = 500  # SMTP replies from here on say: this mail, never
FAILURES = (smtplib.SMTPException, OSError, SoftTimeLimitExceeded)


class NotSent(Exception):
    """Its text is stored and logged: what went wrong, and nothing of the person."""


class Refused(NotSent):
    """Another try will not help; after some of them a person is needed."""


class Unanswered(NotSent):
    """A copy may have arrived."""


class NobodyToTell(NotSent):
    """Not tried again until a person says so."""


@dataclass(frozen=True)
class Letter:
    """What a mail says. The templates in mail/ are named as the topic."""

    subject: str
    context: Mapping[str, Any]


Writer = Callable[[Order], Letter]


class MailChannel(ABC):
    """A channel of mails: who gets them, and a writer for each topic."""

    writers: dict[str, Writer]

    @abstractmethod
    def recipient(self, order: Order) -> str:
        """Raises NobodyToTell."""

    def reply_to(self, order: Order) -> list[str]:
        return []

    def send(self, delivery: Delivery, *, taken: Callable[[], None], timeout: float | None) -> None:
        """Call `taken` as soon as the mail server has it, before closing. Raises NotSent.

        `timeout` in seconds is for each answer of the server; None is EMAIL_TIMEOUT_SECONDS.
        """
        try:
            message = self.message(delivery)
            with _mail_server(timeout) as server:
                server.send_messages([message])
                crashpoint("mail_sent_not_stored")
                taken()
        except FAILURES as error:
            raise _not_sent(error) from error

    def message(self, delivery: Delivery) -> EmailMultiAlternatives:
        """The mail of a delivery, as text and HTML."""
        order = delivery.event.order
        letter = self.writers[delivery.topic](order)
        shop = shop_settings()
        context = {**letter.context, "title": letter.subject, "shop": shop}
        mail = EmailMultiAlternatives(
            subject=letter.subject,
            body=render_to_string(f"mail/{delivery.topic}.txt", context),
            from_email=shop.sender or None,  # None: EMAIL_FROM
            to=[self.recipient(order)],
            reply_to=self.reply_to(order),
            headers={"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"},
        )
        html = render_to_string(f"mail/{delivery.topic}.html", context)
        mail.attach_alternative(html, "text/html")
        return mail


def message_id(delivery: Delivery) -> str:
    """The same for every try of this delivery."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{delivery.key}@{domain}>"


@contextmanager
def _mail_server(timeout: float | None) -> Iterator[BaseEmailBackend]:
    """A connection to it. A mail that the server took counts as sent, even if closing fails."""
    server = get_connection(timeout=timeout)
    try:
        server.open()
        yield server
    finally:
        with suppress(*FAILURES):
            server.close()


def _not_sent(error: Exception) -> NotSent:
    """With the error's type and reply code only: its text may hold the address."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    text = type(error).__name__ + (f" {code}" if code else "")
    if isinstance(error, MailUnanswered):
        return Unanswered(text)
    return Refused(text) if _is_refused(error) else NotSent(text)


def _is_refused(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT
