"""Free ports: the one of the last run, else the usual one, else any.

Between the choice of a port and the server that listens on it lies a moment in which two shops, or
two test runs, would choose the same. So each process claims its ports until it ends: a lock on the
byte of that number, in one file a user. The kernel drops the claims of a process that was killed.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import BinaryIO

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
    *("order-worker", "order-dispatcher"),
    *("product-worker", "product-sweep", "storefront-sweep"),
)
METRICS = tuple(f"{name}-metrics" for name in METERED)
SERVERS = ("postgres", "redis")
NAMES = (*USUAL, *WATCHERS, *METRICS, *SERVERS)
# Below the ports that Linux (32768 up) and macOS (49152 up) give to connections that go out: one of
# those may hold its port by the time that our server wants it. Kubernetes has 30000 to 32767.
SPARE = range(15_000, 30_000)
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server of ours could listen there; a closing connection is no hindrance."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def claim(port: int) -> bool:
    """Keep the port from this user's other processes while this one lives; False: one has it."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except BlockingIOError:
        return False
    return True


@cache
def _claims() -> BinaryIO:
    """Open for good: closing it once would drop every claim of the process."""
    path = Path(tempfile.gettempdir()) / f"techcommerce-ports-{os.geteuid()}"
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b")


def any_free(count: int) -> list[int]:
    """Free ports, claimed; this process gets none of them twice."""
    found: list[int] = []
    while len(found) < count:
        port = secrets.choice(SPARE)
        if port not in _given and _take(port):
            _given.add(port)
            found.append(port)
    return found


def choose(folder: RunFolder) -> dict[str, int]:
    """A port for every name; PORT in the environment fixes the shop's own and must be free."""
    remembered: Mapping[str, int] = folder.read("ports")
    usual = USUAL | WATCHERS
    ports: dict[str, int] = {}
    if os.environ.get("PORT"):
        ports["storefront"] = _asked_for(os.environ["PORT"])
    for name, spare in zip(NAMES, any_free(len(NAMES)), strict=True):
        wishes = (remembered.get(name, 0), usual.get(name, 0))
        ours = (port for port in wishes if port not in (0, *ports.values()) and _take(port))
        ports.setdefault(name, next(ours, spare))
    folder.write("ports", ports)
    return ports


def _take(port: int) -> bool:
    return is_free(port) and claim(port)


def _asked_for(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:
        raise Expected(
            f"PORT={text} is no port.",
            why="A port is a number from 1 to 65535.",
            fix="PORT=8000 make run",
        )
    if not _take(int(text)):
        raise Expected(
            f"Port {text} is taken.",
            why="Another program listens there, and PORT asks for exactly this one.",
            fix=f"PORT={any_free(1)[0]} make run",
        )
    return int(text)
