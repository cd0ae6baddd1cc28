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


@dataclass(frozen=True)
class Behaviour:
    """What a token does; `status` is that of the fresh authorization."""

    name: str
    note: str
    status: str = "authorized"  # authorized, declined or action_required
    reason: str | None = None
    answering: Answering = Answering.AT_ONCE
    capture_reason: str | None = None  # set: the capture is declined for this reason


TOKENS: dict[str, Behaviour] = {
    "tok_approve": Behaviour("Approved card", "Pays at once."),
    "tok_decline": Behaviour(
        "Declined card", "The bank says no.", status="declined", reason="card_declined"
    ),
    "tok_insufficient_funds": Behaviour(
        "Empty account",
        "The bank says no for lack of money.",
        status="declined",
        reason="insufficient_funds",
    ),
    "tok_confirm": Behaviour(
        "Card with confirmation",
        "Asks you to confirm on a page of the bank.",
        status="action_required",
    ),
    "tok_slow": Behaviour("Slow bank", "Pays after 2 seconds.", answering=Answering.SLOWLY),
    "tok_timeout_after_effect": Behaviour(
        "Lost answer",
        "Pays, but the first answer never arrives.",
        answering=Answering.NEVER,
    ),
    "tok_capture_decline": Behaviour(
        "Declined at capture",
        "Approved first, refused when the money is taken.",
        capture_reason="capture_declined",
    ),
    "tok_late_success": Behaviour(
        "Late success",
        "Answers with an error first although the payment worked.",
        answering=Answering.WITH_500,
    ),
}
