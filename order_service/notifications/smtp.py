"""Django's SMTP backend, which says when the server may have accepted a mail without an answer."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail.backends.smtp import EmailBackend

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class MailUnanswered(smtplib.SMTPException):
    """The server has the whole mail and did not say in time whether it takes it."""


class _Noting(smtplib.SMTP):
    _is_handed_over = False

    def data(self, msg: Buffer | str) -> tuple[int, bytes]:
        """Raises MailUnanswered where a copy may arrive although this failed."""
        self._is_handed_over = False
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except (smtplib.SMTPException, OSError, SoftTimeLimitExceeded) as error:
            if self._is_handed_over:
                raise MailUnanswered from error
            raise

    def send(self, s: Buffer | str) -> None:
        """Commands are text, and the mail with the dot at its end is bytes."""
        super().send(s)
        self._is_handed_over = not isinstance(s, str)

    def getreply(self) -> tuple[int, bytes]:
        """Closes the connection when interrupted: there is no time for QUIT."""
        try:
            return super().getreply()
        except SoftTimeLimitExceeded:
            self.close()
            raise


class _NotingTLS(_Noting, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """EMAIL_BACKEND of the shop."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _NotingTLS if self.use_ssl else _Noting
