"""What each role of staff may do in the catalogue; see `chassis.back_office.roles`."""

from __future__ import annotations

from chassis.back_office.roles import Rights, Role

SEES = ("catalogue.view_*", "inventory.view_*")
BOOKS_STOCK = "inventory.change_stockitem"

RIGHTS: Rights = {
    Role.OWNER: ("*",),
    Role.CATALOGUE: (
        *("catalogue.*", "bulk.*", "transfer.*", "jobs.view_*", "inventory.view_*"),
        BOOKS_STOCK,
    ),
    Role.FULFILMENT: (*SEES, BOOKS_STOCK),
    Role.SUPPORT: SEES,
    Role.ACCOUNTANT: SEES,
    Role.READ_ONLY: SEES,
}
