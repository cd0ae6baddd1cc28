"""Sign-in to a back office: guessing is limited, without locking out whoever is guessed at.

A try takes its tokens before the password is checked. So guesses that are sent at the same time all
count, whether the account exists or not. A try that signs in gives its tokens back.

    a browser that the account knows    tries of its own, whatever others do
    any other, for each account         5 at once from one address, then ever fewer
               for each account         20 an hour from all addresses together
               for each address         30 an hour for all accounts together

Both services share the counts. While Redis is away only known browsers can sign in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from chassis import logs
from chassis.addresses import client_address, network_of
from chassis.back_office.devices import device_of
from chassis.errors import DomainError, TooManyRequests
from chassis.limiter import Bucket, Limit, LimiterUnavailable, give_back, take

log = logs.get_logger(__name__)

MINUTE, HOUR, DAY = 60, 3600, 86_400
HERE = (
    Limit("sign-in-here", 5, MINUTE),
    Limit("sign-in-here", 15, HOUR),
    Limit("sign-in-here", 40, DAY),
)
ACCOUNT = (Limit("sign-in-account", 20, HOUR), Limit("sign-in-account", 60, DAY))
ADDRESS = (Limit("sign-in-address", 30, HOUR),)
DEVICE = (Limit("sign-in-device", 10, MINUTE), Limit("sign-in-device", 30, HOUR))

PAUSED = (
    "Signing in is paused, because tries cannot be counted right now. Try again in a minute."
    " Browsers that have signed in here before are not affected."
)


class SignInForm(AdminAuthenticationForm):
    """Name and password; `refusal` says why they were not looked at, if so."""

    refusal: DomainError | None = None

    def clean(self) -> dict[str, Any]:
        account = self.cleaned_data.get("username", "")
        if not account or not self.cleaned_data.get("password"):
            return super().clean()
        buckets = self._count(account)
        cleaned: dict[str, Any] = super().clean()
        give_back(buckets)
        return cleaned

    def _count(self, account: str) -> Sequence[Bucket]:
        assert self.request is not None
        device = device_of(self.request, account)
        buckets = (
            [limit.bucket(device, account) for limit in DEVICE]
            if device
            else _of_stranger(self.request, account)
        )
        try:
            take(buckets)
        except LimiterUnavailable as refusal:
            if device is None:
                self._refuse(refusal, PAUSED)
        except TooManyRequests as refusal:
            wait = _in_words(int(refusal.headers["Retry-After"]))
            self._refuse(refusal, f"Too many attempts. Wait {wait}, then sign in again.")
        return buckets

    def _refuse(self, refusal: DomainError, sentence: str) -> None:
        """Raises ValidationError. The log names nobody: what was typed may be a password."""
        self.refusal = refusal
        log.warning("sign-in refused", code=refusal.code, status=refusal.status)
        raise ValidationError(sentence, code=refusal.code)


def _of_stranger(request: HttpRequest, account: str) -> list[Bucket]:
    name, network = account.casefold(), network_of(client_address(request))
    return [
        *(limit.bucket(name, network) for limit in HERE),
        *(limit.bucket(name) for limit in ACCOUNT),
        *(limit.bucket(network) for limit in ADDRESS),
    ]


def _in_words(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / MINUTE)} minutes"
