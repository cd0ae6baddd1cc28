"""What a person does about a difference that the shop does not repair by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from order_service.audit.models import Drift, DriftKind


@dataclass(frozen=True)
class Advice:
    """What to do about one kind of difference."""

    short: str  # for a list
    whole: str
    # The sandbox has no pages for this: it has an HTTP call for each thing to do.
    at_the_sandbox: str = ""


ADVICE: Mapping[DriftKind, Advice] = {
    DriftKind.PAYMENT_LEFT_OPEN: Advice(
        short="Wait a minute. Still open: see whether it was paid twice.",
        whole="The reconciler gives the money back each minute, but not that of a confirmed order: "
        "see on the provider's page whether it was paid twice, and give back what was. "
        "Then settle this row.",
        at_the_sandbox="GET /ledger lists what was held and taken; "
        "POST /authorizations/ID/void gives back what is held.",
    ),
    DriftKind.PAYMENT_UNKNOWN: Advice(
        short="Void it at the provider.",
        whole="The provider holds money for an order that this shop does not have, as after a "
        "restore. Void the authorization on the provider's page; this row closes by itself then.",
        at_the_sandbox="POST /authorizations/{reference}/void gives the money back.",
    ),
    DriftKind.PAYMENT_TAKEN: Advice(
        short="Deliver, or pay it back at the provider. Then settle.",
        whole="The provider took money for an order that was cancelled, or that this shop does not "
        "have, as after a restore. The provider's page and the shop's sent mails name the shopper. "
        "Shipped, or still wanted: keep the money, deliver, and take the goods out of the stock "
        "by an adjustment. Otherwise pay it back on the provider's page. Then settle this row.",
        at_the_sandbox="GET /authorizations/{reference} shows it; "
        "POST /authorizations/{reference}/refunds pays it back.",
    ),
    DriftKind.STOCK_LEFT_BEHIND: Advice(
        short="Wait a minute. Still there: read product_service's log.",
        whole="The reconciler gives the goods back each minute. If the row stays, product_service "
        "refuses: its log says why.",
    ),
    DriftKind.BOOKS_DIFFER: Advice(
        short="Report it as a bug. Then settle.",
        whole="The ledger does not say what the order says. Compare both with the provider's page, "
        "correct nothing by SQL, and report it as a bug. Settle this row once it is understood.",
        at_the_sandbox="GET /ledger lists what was held and taken.",
    ),
}
SANDBOX = "The sandbox provider has no page but addresses, see docs/backup.md, At the sandbox: "


def in_short(drift: Drift) -> str:
    """Nothing once the row is settled."""
    return "" if drift.repaired_at else ADVICE[DriftKind(drift.kind)].short


def in_full(drift: Drift) -> list[str]:
    """A paragraph, and another for the sandbox where it differs from a provider with pages."""
    advice = ADVICE[DriftKind(drift.kind)]
    told = advice.at_the_sandbox.format(reference=drift.reference)
    return [advice.whole, *([SANDBOX + told] if told else [])]
