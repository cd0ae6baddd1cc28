"""What each role of staff may do with orders; see `chassis.back_office.roles`.

The right to change an order is the right to cancel it, to try it again and to end its links; the
right to change a delivery is the right to send that mail again.
"""

from __future__ import annotations

from chassis.back_office.roles import Rights, Role

SEES = ("orders.view_*", "pricing.view_*")
SEES_MONEY = (*SEES, "payments.view_*")

RIGHTS: Rights = {
    Role.OWNER: ("*",),
    Role.CATALOGUE: (),
    Role.FULFILMENT: SEES,
    Role.SUPPORT: (*SEES_MONEY, "orders.change_order", "orders.change_delivery"),
    Role.ACCOUNTANT: (*SEES_MONEY, "shop.view_*", "audit.view_*", "audit.change_drift"),
    Role.READ_ONLY: (*SEES_MONEY, "shop.view_*", "audit.view_*"),
}
