"""Why a delivery was not sent, and what that means for the next try.

NotSent             it failed; the next try may do better
 +-- Away           there is no mail server to talk to: it fails all that wait, and none of them
 +-- Refused        the mail server says: this one, never
 +-- Unanswered     the mail server has all of it and did not say whether it takes it
 +-- NobodyToTell   the shop names nobody any more who is told by this channel
"""

from __future__ import annotations

import smtplib

from celery.exceptions import SoftTimeLimitExceeded

from order_service.notifications.smtp import MailUnanswered

PERMANENT = 500  # SMTP replies from here on say: this mail, never
FAILURES = (smtplib.SMTPException, OSError, SoftTimeLimitExceeded)


class NotSent(Exception):
    """Its text is stored and logged: what went wrong, and nothing of the person."""


class Away(NotSent):
    """Nothing could be handed over, and the next mail of the set need not try."""


class Refused(NotSent):
    """Another try will not help; after some of them a person is needed."""


class Unanswered(NotSent):
    """A copy may have arrived."""


class NobodyToTell(NotSent):
    """Not tried again until a person says so."""


def failed_mail(error: Exception) -> NotSent:
    """What one of FAILURES means for the mail that met it."""
    if isinstance(error, MailUnanswered):
        return Unanswered(_text(error))
    return Refused(_text(error)) if _is_refused(error) else NotSent(_text(error))


def failed_connection(error: Exception) -> NotSent:
    """What one of FAILURES means for each mail that would have gone over this connection."""
    return Refused(_text(error)) if _is_refused(error) else Away(_text(error))


def reply_code(error: Exception) -> int | None:
    """What the mail server answered, if it did."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((code for code, _ in error.recipients.values()), default=None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _text(error: Exception) -> str:
    """The error's type and reply code only: its text may hold the address."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return type(error).__name__ + (f" {code}" if code else "")


def _is_refused(error: Exception) -> bool:
    return (reply_code(error) or 0) >= PERMANENT
