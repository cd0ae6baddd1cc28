"""Opening a hand-over, redeeming its code, looking at the tie and ending it.

open_hand_over   -> the code, to be brought to the orders' back office by the browser
redeem           -> who it is, once and within CODE_LIFETIME
look_up          -> who it is now; the tie ends with the session, the account or its password
end              -> signs the person out here as well
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from chassis.errors import NotFound, Unprocessable
from product_service.staff.models import HandOver
from product_service.staff.sessions import staff_of_session

CODE_LIFETIME = timedelta(seconds=60)
SEEN_AGAIN = timedelta(hours=1)  # so often it is noted that a tie is still in use


class CodeRefused(Unprocessable):
    """The code is unknown, was used, is older than 60 seconds or was given to another browser.
    Send the person to the sign-in again."""

    code, title = "code_refused", "The sign-in code is not valid"


@dataclass(frozen=True)
class SignedIn:
    """A person of staff, and the handle of the tie to their session here."""

    handle: uuid.UUID
    user: User


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def open_hand_over(*, session_key: str, challenge: str) -> str:
    """`challenge` is the digest of a secret that the browser keeps for the orders' back office."""
    code = secrets.token_urlsafe(32)
    HandOver.objects.create(code_hash=digest(code), challenge=challenge, session_key=session_key)
    return code


def redeem(*, code: str, secret: str) -> SignedIn:
    """Raises CodeRefused. Of two calls at the same time one is refused."""
    opened = HandOver.objects.filter(
        code_hash=digest(code),
        challenge=digest(secret),
        redeemed_at=None,
        opened_at__gt=Now() - CODE_LIFETIME,
    )
    if not opened.update(redeemed_at=Now(), seen_at=Now()):
        raise CodeRefused("Sign in again.")
    return _signed_in(HandOver.objects.get(code_hash=digest(code)))


def look_up(handle: uuid.UUID) -> SignedIn:
    """Raises NotFound if the person is signed out."""
    tie = HandOver.objects.exclude(redeemed_at=None).filter(handle=handle).first()
    if tie is None:
        raise NotFound("This person is signed out.")
    HandOver.objects.filter(pk=tie.pk, seen_at__lt=Now() - SEEN_AGAIN).update(seen_at=Now())
    return _signed_in(tie)


def end(handle: uuid.UUID) -> None:
    """Deletes the session here and all its ties; nothing to do if that is done."""
    for tie in HandOver.objects.exclude(redeemed_at=None).filter(handle=handle):
        Session.objects.filter(session_key=tie.session_key).delete()
        HandOver.objects.filter(session_key=tie.session_key).delete()


def _signed_in(tie: HandOver) -> SignedIn:
    user = staff_of_session(tie.session_key)
    if user is None:
        tie.delete()
        raise NotFound("This person is signed out.")
    return SignedIn(tie.handle, user)
