"""The test cards of the sandbox, as a shopper reads them. What each does is written there
(sandbox/tokens.py)."""

from __future__ import annotations

from order_service.payments.gateways.base import Method, MethodKind

METHODS = tuple(
    Method(code, name, note, MethodKind.TOKEN)
    for code, name, note in (
        ("tok_approve", "Approved card", "Approved immediately."),
        ("tok_decline", "Declined card", "Declined by the bank."),
        (
            "tok_insufficient_funds",
            "Insufficient funds",
            "Declined because the account has too little money.",
        ),
        (
            "tok_confirm",
            "Card with confirmation",
            "Your bank asks you to confirm the payment.",
        ),
        ("tok_slow", "Slow bank", "Approved after 2 seconds."),
        (
            "tok_timeout_after_effect",
            "Lost response",
            "Approved, but the bank's first response never arrives.",
        ),
        (
            "tok_capture_decline",
            "Declined at capture",
            "Approved first, then declined when we charge it.",
        ),
        ("tok_late_success", "Late success", "Approved, but the bank reports an error first."),
    )
)
