"""The mail server, asked to take one mail after the other over one connection."""

from __future__ import annotations

import smtplib
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection

from order_service.notifications.failures import (
    FAILURES,
    NotSent,
    failed_connection,
    failed_mail,
    reply_code,
)
from order_service.notifications.smtp import MailUnanswered

HANGS_UP = 421  # the SMTP reply of a server that closes the connection
AT_ONCE_SECONDS = 1.0


class MailServer:
    """A connection that opens with the first mail, and anew after each failure.

    Leaving it says goodbye; a mail that the server took counts as sent, even if that fails.
    """

    def __init__(self, timeout: float | None) -> None:
        """`timeout` in seconds is for each answer; None is EMAIL_TIMEOUT_SECONDS."""
        self._backend = get_connection(timeout=timeout)
        self._away: NotSent | None = None
        self._is_open = self._is_broken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def take(self, mail: EmailMessage) -> None:
        """Hand the mail over. Raises NotSent; if the server is away, then for all mails after it.

        A server may take so many mails and hang up: that is no failure of the mail that meets it.
        """
        is_used = self._open()
        began = time.monotonic()
        try:
            self._backend.send_messages([mail])
        except FAILURES as error:
            # Closed before the next mail, not now: that may take as long as the server likes, and
            # what became of this one is not stored yet.
            self._is_broken = True
            if is_used and _hung_up(error) and time.monotonic() - began < AT_ONCE_SECONDS:
                self.take(mail)
            else:
                raise failed_mail(error) from error

    def _open(self) -> bool:
        """Returns whether the connection was open already."""
        if self._away:
            raise self._away
        if self._is_broken:
            self._close()
        if self._is_open:
            return True
        try:
            self._backend.open()
        except FAILURES as error:
            self._away = failed_connection(error)
            raise self._away from error
        self._is_open = True
        return False

    def _close(self) -> None:
        self._is_open = self._is_broken = False
        with suppress(*FAILURES):
            self._backend.close()


def _hung_up(error: Exception) -> bool:
    if isinstance(error, MailUnanswered):
        return False
    return isinstance(error, smtplib.SMTPServerDisconnected) or reply_code(error) == HANGS_UP
