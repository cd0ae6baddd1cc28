"""The sandbox provider inside the process of a test, with its books in reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.ledger import Ledger
from sandbox.server import Configuration, Server
from sandbox.tokens import TOKENS

__all__ = ["SECRET", "TOKENS", "Bank", "Ledger", "bank_in", "url_of"]

SECRET = "secret-of-the-sandbox"
Bank = Server


@contextmanager
def bank_in(folder: Path, *, refund_seconds: float = 5.0) -> Iterator[Bank]:
    """One that keeps its ledger in `folder` and answers at `url_of(it)`."""
    config = Configuration(SECRET, "http://bank.example", refund_seconds)
    server = Server(("127.0.0.1", 0), Ledger(folder / "ledger.sqlite"), config)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def url_of(bank: Bank) -> str:
    return f"http://127.0.0.1:{bank.server_address[1]}"
