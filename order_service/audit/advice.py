"""What a person does about a difference that the shop does not repair by itself."""

from __future__ import annotations

from collections.abc import Mapping

from order_service.audit.models import DriftKind

ADVICE: Mapping[DriftKind, str] = {
    DriftKind.PAYMENT_LEFT_OPEN: (
        "The reconciler gives the money back each minute, but not that of a confirmed order: see "
        "on the provider's page whether it was paid twice, and give back what was."
    ),
    DriftKind.PAYMENT_UNKNOWN: (
        "The provider holds money for an order that this shop does not have, as after a restore. "
        "Void the authorization on the provider's page; this row closes by itself then."
    ),
    DriftKind.PAYMENT_TAKEN: (
        "The provider took money for an order that was cancelled, or that this shop does not have, "
        "as after a restore. The provider's page and the shop's sent mails name the shopper. "
        "Shipped, or still wanted: keep the money, deliver, and take the goods out of the stock "
        "by an adjustment. Otherwise pay it back on the provider's page. Then settle this row."
    ),
    DriftKind.STOCK_LEFT_BEHIND: (
        "The reconciler gives the goods back each minute. If the row stays, product_service "
        "refuses: its log says why."
    ),
    DriftKind.BOOKS_DIFFER: (
        "The ledger does not say what the order says. Compare both with the provider's page, "
        "correct nothing by SQL, and report it as a bug. Settle this row once it is understood."
    ),
}
