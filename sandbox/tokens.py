"""The magic payment tokens: each one makes the sandbox behave like a provider on a bad day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answering(StrEnum):
    """How the first answer to an authorization reaches the caller. The effect is the same."""

    AT_ONCE = "at_once"
    SLOWLY = "slowly"  # works for 2 s before the effect, then answers
    NEVER = "never"  # effect first, then silence until the caller has given up
    WITH_500 = "with_500"  # effect first, then a server error


class Refunding(StrEnum):
    """What becomes of a refund that the captured amount allows."""

    AT_ONCE = "at_once"
    LATER = "later"  # pending, then paid back
    FAILS_LATER = "fails_later"  # pending, then failed: the shop has the money again
    FAILS = "fails"


@dataclass(frozen=True)
class Behaviour:
    """What a token does; `status` is that of the fresh authorization."""

    status: str = "authorized"  # authorized, declined or action_required
    reason: str | None = None
    answering: Answering = Answering.AT_ONCE
    capture_reason: str | None = None  # set: the capture is declined for this reason
    refunding: Refunding = Refunding.AT_ONCE


# The shop offers those of its own list; the ones for refunds are for whoever calls by hand.
TOKENS: dict[str, Behaviour] = {
    "tok_approve": Behaviour(),
    "tok_decline": Behaviour(status="declined", reason="card_declined"),
    "tok_insufficient_funds": Behaviour(status="declined", reason="insufficient_funds"),
    "tok_confirm": Behaviour(status="action_required"),
    "tok_slow": Behaviour(answering=Answering.SLOWLY),
    "tok_timeout_after_effect": Behaviour(answering=Answering.NEVER),
    "tok_capture_decline": Behaviour(capture_reason="capture_declined"),
    "tok_late_success": Behaviour(answering=Answering.WITH_500),
    "tok_refund_pending": Behaviour(refunding=Refunding.LATER),
    "tok_refund_fails_later": Behaviour(refunding=Refunding.FAILS_LATER),
    "tok_refund_fails": Behaviour(refunding=Refunding.FAILS),
}
