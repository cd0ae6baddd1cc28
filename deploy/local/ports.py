"""Free ports: the one of the last run, else the usual one, else any."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from deploy.local.failures import Expected
from deploy.local.folder import RunFolder

HOST = "127.0.0.1"
USUAL = {
    "storefront": 8000,
    "product_service": 8001,
    "order_service": 8002,
    "sandbox": 8003,
    "mailbox": 8004,
    "smtp": 8025,
}
WATCHERS = {"prometheus": 9090, "alertmanager": 9093}
METERED = (
    *("storefront", "product_service", "order_service"),
    *("order-worker", "order-dispatcher", "product-sweep"),
)
METRICS = tuple(f"{name}-metrics" for name in METERED)
SERVERS = ("postgres", "redis")


def is_free(port: int) -> bool:
    """Whether a server of ours could listen there; a closing connection is no hindrance."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free(count: int) -> list[int]:
    """Distinct free ports, all held until the last one is found."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def choose(folder: RunFolder) -> dict[str, int]:
    """A port for every name; PORT in the environment fixes the shop's own and must be free."""
    remembered: Mapping[str, int] = folder.read("ports")
    usual = USUAL | WATCHERS
    names = [*usual, *METRICS, *SERVERS]
    ports: dict[str, int] = {}
    if os.environ.get("PORT"):
        ports["storefront"] = _asked_for(os.environ["PORT"])
    for name, spare in zip(names, any_free(len(names)), strict=True):
        wishes = (remembered.get(name, 0), usual.get(name, 0))
        free = (port for port in wishes if port and port not in ports.values() and is_free(port))
        ports.setdefault(name, next(free, spare))
    folder.write("ports", ports)
    return ports


def _asked_for(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Expected(
            f"PORT={text} is no port.",
            why="A port is a number from 1 to 65535.",
            fix="PORT=8000 make run",
        )
    if not is_free(int(text)):
        raise Expected(
            f"Port {text} is taken.",
            why="Another program listens there, and PORT asks for exactly this one.",
            fix=f"PORT={any_free(1)[0]} make run",
        )
    return int(text)
