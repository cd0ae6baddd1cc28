"""The second factor: a code that an app shows for 30 seconds, or one of ten recovery codes.

    enrolment_of     -> the device that waits for its first code, with its QR code
    confirm          -> recovery codes, if the first code is right
    enter            -> lets a session in, by a code of either kind
    renew_codes      -> ten new recovery codes; the old ones are worth nothing
    forget           -> the device is gone: the person enrols again at the next sign-in
    is_verified      -> whether a session has given a code of the device that the person has now

Each wrong code makes the next wait: 1 s, 2 s, 4 s and so on. The tries of a person are counted one
after the other, under the lock of their device, whether Redis is there or not.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from chassis.errors import TooManyRequests
from product_service.staff.models import RecoveryCode

PASSED = "second_factor"  # in a session: the device whose code it has given
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
GROUPS, LETTERS, CODES = 4, 4, 10  # 80 bits a code


@dataclass(frozen=True)
class Enrolment:
    """What an app needs to show codes: a picture to scan, or the key to type."""

    device: TOTPDevice

    @property
    def key(self) -> str:
        text = self.device.config_url.partition("secret=")[2].partition("&")[0]
        return " ".join(text[start : start + 4] for start in range(0, len(text), 4))

    @property
    def picture(self) -> str:
        """SVG, on white in dark pages as well: cameras read it best."""
        code = segno.make(self.device.config_url, error="m")
        return str(code.svg_inline(scale=5, light="white", title="QR code for your app"))


def is_needed() -> bool:
    return bool(settings.STAFF_SECOND_FACTOR)


def is_verified(request: HttpRequest, user: User) -> bool:
    passed = request.session.get(PASSED)
    return passed is not None and _confirmed(user).filter(pk=passed).exists()


def has_device(user: User) -> bool:
    return _confirmed(user).exists()


def enrolment_of(user: User) -> Enrolment:
    """The same until it is confirmed: a page that is loaded again shows the same picture."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, name="app")
    return Enrolment(device)


@transaction.atomic
def confirm(request: HttpRequest, user: User, code: str) -> list[str] | None:
    """The recovery codes; None for a wrong code. Raises TooManyRequests."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or has_device(user) or not _is_right(device, code):
        return None
    device.confirmed = True
    device.save()
    _let_in(request, device)
    return renew_codes(user)


@transaction.atomic
def enter(request: HttpRequest, user: User, code: str) -> bool:
    """Whether the code is right: one of the app, or a recovery code, which is used up by it.

    Raises TooManyRequests.
    """
    device = _confirmed(user).select_for_update().first()
    if device is None:
        return False
    if len(_plain(code)) == GROUPS * LETTERS:
        is_right = _is_recovery_code(device, code)
    else:
        is_right = _is_right(device, code)
    if is_right:
        _let_in(request, device)
    return is_right


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """Shown once: their hashes are what is kept."""
    codes = [_new_code() for _ in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes
    )
    return codes


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def forget(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _confirmed(user: User) -> QuerySet[TOTPDevice]:
    devices: QuerySet[TOTPDevice] = TOTPDevice.objects.filter(user=user, confirmed=True)
    return devices


def _let_in(request: HttpRequest, device: TOTPDevice) -> None:
    """Under a new session key: who knew the one before has no second factor."""
    request.session.cycle_key()
    request.session[PASSED] = device.pk


def _is_right(device: TOTPDevice, code: str) -> bool:
    _require_turn(device)
    return bool(device.verify_token(_plain(code)))


def _is_recovery_code(device: TOTPDevice, code: str) -> bool:
    _require_turn(device)
    found = RecoveryCode.objects.filter(
        user=device.user, code_hash=_hash(device.user, code), used_at=None
    )
    if found.update(used_at=Now()):
        device.throttle_reset()
        return True
    device.throttle_increment()
    return False


def _require_turn(device: TOTPDevice) -> None:
    may, why = device.verify_is_allowed()
    if not may:
        wait = math.ceil((why["locked_until"] - timezone.now()).total_seconds())
        raise TooManyRequests(f"Wait {wait} s.", headers={"Retry-After": str(max(1, wait))})


def _new_code() -> str:
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * LETTERS)]
    return "-".join("".join(letters[n : n + LETTERS]) for n in range(0, len(letters), LETTERS))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def _hash(user: User, code: str) -> str:
    return hashlib.sha256(f"{user.pk}:{_plain(code)}".encode()).hexdigest()
