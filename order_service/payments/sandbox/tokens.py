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
    "tok_approve": Behaviour("Approved card", "Approved immediately."),
    "tok_decline": Behaviour(
        "Declined card", "Declined by the bank.", status="declined", reason="card_declined"
    ),
    "tok_insufficient_funds": Behaviour(
        "Insufficient funds",
        "Declined because the account has too little money.",
        status="declined",
        reason="insufficient_funds",
    ),
    "tok_confirm": Behaviour(
        "Card with confirmation",
        "Your bank asks you to confirm the payment.",
        status="action_required",
    ),
    "tok_slow": Behaviour("Slow bank", "Approved after 2 seconds.", answering=Answering.SLOWLY),
    "tok_timeout_after_effect": Behaviour(
        "Lost response",
        "Approved, but the bank's first response never arrives.",
        answering=Answering.NEVER,
    ),
    "tok_capture_decline": Behaviour(
        "Declined at capture",
        "Approved first, then declined when we charge it.",
        capture_reason="capture_declined",
    ),
    "tok_late_success": Behaviour(
        "Late success",
        "Approved, but the bank reports an error first.",
        answering=Answering.WITH_500,
    ),
}
