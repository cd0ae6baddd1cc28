"""The table that `make run` ends with: everything a newcomer wants to open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from deploy.local import monitoring
from deploy.local.folder import RunFolder
from deploy.local.ports import HOST, METERED, USUAL, is_free
from deploy.local.prepare import ADMIN
from deploy.local.terminal import bold, paint, say
from order_service.payments.gateways.sandbox_methods import METHODS


def show(environment: Mapping[str, str], ports: Mapping[str, int], folder: RunFolder) -> None:
    """Print the table."""
    products, orders = environment["PRODUCT_SERVICE_URL"], environment["ORDER_SERVICE_URL"]
    password = environment["ADMIN_PASSWORD"]
    metrics = (
        ("" if number else "Metrics", monitoring.metrics_address(ports, name), name)
        for number, name in enumerate(METERED)
    )
    rows = (
        ("Shop", bold(environment["PUBLIC_URL"])),
        ("Catalogue admin", f"{products}/admin/   {ADMIN} / {password}"),
        ("Orders admin", f"{orders}/admin/   {ADMIN} / {password}"),
        *_factor(environment),
        ("API docs", f"{products}/v1/docs   {orders}/v1/docs"),
        ("Mailbox", f"http://{HOST}:{ports['mailbox']}   every mail the shop sends"),
        ("Payment", "a sandbox provider; it takes these cards:"),
        *(("", f"{card.code.ljust(26)} {card.note}") for card in METHODS),
        *((title, f"http://{at}/metrics   {name}") for title, at, name in metrics),
        *(_watchers(ports) if monitoring.is_wanted(environment) else ()),
        ("Logs", f"{folder.logs}/"),
        ("Stop", "Ctrl-C here, or: make stop"),
    )
    say()
    for title, text in rows:
        say(f"  {paint(title.ljust(16), 'cyan')} {text}")
    for line in _elsewhere(ports):
        say(paint(f"  {line}", "yellow"))
    say()


def _factor(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if environment.get("STAFF_SECOND_FACTOR") != "1":
        yield (
            "",
            "a password is enough here; STAFF_SECOND_FACTOR=1 asks for the code of an app, too",
        )


def _elsewhere(ports: Mapping[str, int]) -> Iterator[str]:
    """What is not on its usual port, and why; whoever set PORT knows."""
    for name, usual in USUAL.items():
        if ports[name] == usual or name == "smtp":
            continue
        if name == "storefront" and os.environ.get("PORT"):
            continue
        if usual in ports.values() or not is_free(usual):
            yield f"{name} is on port {ports[name]}: {usual} is taken."
        else:
            yield f"{name} is on port {ports[name]}, as in its last run: {usual} is free again."


def _watchers(ports: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    return (
        ("Prometheus", f"{monitoring.alerts_page(ports['prometheus'])}   alerts and their rules"),
        (
            "Alertmanager",
            f"http://{HOST}:{ports['alertmanager']}/api/v2/alerts   what fires, as JSON; alerts"
            " arrive in the mailbox",
        ),
    )
