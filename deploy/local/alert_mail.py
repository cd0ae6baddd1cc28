"""Alerts as mails of the local mailbox, so that they can be read without any chat or pager."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.utils import localtime

SENDER = "alertmanager@example.org"


def as_mail(message: bytes, receiver: str) -> bytes:
    """A Slack-compatible message ({"attachments": [{"title", "text"}]}) as a mail to `receiver`.

    Raises ValueError for anything else.
    """
    try:
        [attachment] = json.loads(message)["attachments"]
        title, text = attachment["title"], attachment["text"]
    except (KeyError, TypeError) as error:
        raise ValueError("no message with one attachment") from error
    if not (isinstance(title, str) and isinstance(text, str)):
        raise ValueError("title and text must be texts")
    mail = EmailMessage()
    mail["From"], mail["To"] = SENDER, f"{receiver}@example.org"
    mail["Subject"], mail["Date"] = title.strip(), localtime()
    mail.set_content(text)
    return mail.as_bytes()
