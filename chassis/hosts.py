"""Which Host a small server of ours answers to: the metrics port, the mailbox, the sandbox bank.

A stranger's page can read a server that only this machine or its network reaches: it points a name
of its own at the server's address and asks for that name (DNS rebinding). It needs a name that
public DNS gives out, so addresses, single labels and names inside a cluster are safe to answer.
"""

from __future__ import annotations

from urllib.parse import urlsplit

INSIDE = (".svc", ".svc.cluster.local")  # as Kubernetes names a Service


def is_ours(host: str, *own: str) -> bool:
    """Whether a Host header (name or address, with or without a port) is safe, or one of `own`.

    A request without one ("") comes from no browser.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    is_address = ":" in name or name.rpartition(".")[2].isdigit()  # no public name ends in digits
    return "." not in name or name in own or name.endswith(INSIDE) or is_address
