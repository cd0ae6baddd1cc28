"""The roles of staff: groups that the shop ships, in words that a shop owner knows.

Each service says in a table which of its rights a role has, as patterns over `app.codename`:

    RIGHTS = {Role.CATALOGUE: ("catalogue.*", "inventory.view_*"), ...}
    ship_roles(RIGHTS)      in its AppConfig: each `migrate` gives the roles these rights

So a new model is in the roles whose pattern names it, and what somebody changed about a shipped
role by hand is put right. Groups of other names are the shop's own and stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class Role(StrEnum):
    OWNER = "Owner"
    CATALOGUE = "Catalogue"
    FULFILMENT = "Fulfilment"
    SUPPORT = "Support (no refunds)"
    ACCOUNTANT = "Accountant"
    READ_ONLY = "Read only"


DOES = {
    Role.OWNER: "Everything, adding colleagues included.",
    Role.CATALOGUE: "Products, prices, pictures and stock. Sees no orders.",
    Role.FULFILMENT: "Sees orders to pack them, books stock in and out.",
    Role.SUPPORT: "Cancels orders that are still open, sends mails again. Gives no money back.",
    Role.ACCOUNTANT: "Sees orders and their money, settles differences with the payment provider.",
    Role.READ_ONLY: "Sees products, stock and orders, changes nothing.",
}

Rights = Mapping[Role, Sequence[str]]


def ship_roles(rights: Rights) -> None:
    """Have the roles settled at the end of each `migrate`, when all rights exist."""

    def settle(sender: AppConfig, apps: Any = apps, **more: object) -> None:
        if sender.name == _last_app():
            settle_roles(rights, apps)

    post_migrate.connect(settle, weak=False, dispatch_uid="shipped roles")


def settle_roles(rights: Rights, apps: Any = apps) -> None:
    """Give each role exactly its rights. `apps` has the models as they are migrated so far."""
    try:
        group, permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))
    except LookupError:
        return  # `migrate` went to a state without accounts
    known = {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in permission.objects.select_related("content_type")
    }
    for role, patterns in rights.items():
        named = [each for name, each in known.items() if _is_one_of(name, patterns)]
        group.objects.get_or_create(name=role.value)[0].permissions.set(named)


def _is_one_of(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _last_app() -> str:
    """The app whose turn comes last after a migration; Django asks those that have models."""
    return [each.name for each in apps.get_app_configs() if each.models_module][-1]
