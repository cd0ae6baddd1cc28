"""What a channel is: one way to tell somebody outside what a delivery says.

NotSent             it failed; the next try may do better
 +-- Refused        the other side says: this one, never
 +-- Unanswered     the other side has all of it and did not say whether it takes it
 +-- NobodyToTell   the shop names nobody any more who is told by this channel
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from order_service.orders.models import Delivery


class NotSent(Exception):
    """Its text is stored and logged: what went wrong, and nothing of the person."""


class Refused(NotSent):
    """Another try will not help; after some of them a person is needed."""


class Unanswered(NotSent):
    """A copy may have arrived."""


class NobodyToTell(NotSent):
    """Not tried again until a person says so."""


class Channel(Protocol):
    """Sends a delivery, under the same id each time, in no transaction."""

    def send(self, delivery: Delivery, *, taken: Callable[[], None], timeout: float | None) -> None:
        """Call `taken` as soon as the other side has it, before any goodbye. Raises NotSent.

        `timeout` in seconds is for each answer of the other side; None leaves it to the channel.
        """
