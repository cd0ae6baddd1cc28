"""The hops of the shop: who talks to whom, each through a port of the proxy.

edge "order-worker->sandbox"   the port that order-worker is told to be the sandbox's
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

from deploy.local.folder import ROOT
from deploy.local.ports import HOST, any_free
from tests.faults.proxy import KINDS

HOPS: Mapping[str, tuple[str, ...]] = {
    "shopper": ("order_service",),
    "product_service": ("postgres", "redis"),
    "product-sweep": ("postgres",),
    "order_service": ("product_service", "postgres", "redis"),
    "order-worker": ("product_service", "sandbox", "postgres", "redis", "smtp"),
    "order-dispatcher": ("postgres", "redis"),  # and, working inline, the worker's edges
}
EDGES = tuple(f"{caller}->{callee}" for caller, callees in HOPS.items() for callee in callees)


class Proxy:
    """The proxy process and the ports of its edges."""

    def __init__(self, targets: Mapping[str, int]) -> None:
        """`targets`: the real port of every callee."""
        self.ports = dict(zip(EDGES, any_free(len(EDGES)), strict=True))
        table = {
            edge: (port, targets[edge.partition("->")[2]]) for edge, port in self.ports.items()
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.proxy", json.dumps(table)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._expect("ready")

    def seen_by(self, caller: str, targets: Mapping[str, int]) -> dict[str, int]:
        """The ports as `caller` must be told them: an edge where there is one."""
        if caller == "order-dispatcher":
            targets = self.seen_by("order-worker", targets)
        edges = {callee: self.ports[f"{caller}->{callee}"] for callee in HOPS.get(caller, ())}
        return {**targets, **edges}

    def url(self, edge: str) -> str:
        return f"http://{HOST}:{self.ports[edge]}"

    def set(self, edge: str, kind: str, *, seconds: float = 0.0, share: float = 1.0) -> None:
        """Make an edge faulty (or whole again with kind "pass") before this returns."""
        if kind not in KINDS:
            raise ValueError(f"There is no fault {kind}.")
        assert self._process.stdin
        command = {"edge": edge, "kind": kind, "seconds": seconds, "share": share}
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        self._expect("done")

    def heal(self) -> None:
        for edge in self.ports:
            self.set(edge, "pass")

    def stop(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _expect(self, word: str) -> None:
        assert self._process.stdout
        if (answer := self._process.stdout.readline().strip()) != word:
            raise RuntimeError(f"The proxy answered {answer!r} instead of {word!r}.")
