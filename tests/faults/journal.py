"""What shoppers were told, one JSON object a line: the shop's word, held against it by the audit.

{"kind": "asked", "at", "shopper", "key", "status": 202 | null, "seconds"}
    every POST /v1/orders and what became of it; null: no answer
{"kind": "accepted", "at", "shopper", "subject", "key", "number", "total", "lines", "token"}
    a 202: from here on the order must exist, with this total
{"kind": "seen", "at", "shopper", "number", "state", "reason", "timeline": ["placed", ...]}
    what an order page showed
{"kind": "gave_up", "at", "shopper", "key"}
    never answered: the order may exist or not, but once at most
{"kind": "wrong", "at", "shopper", "what", "number" or "key", "status"}
    an answer that no fault excuses
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """Appends entries to a file and keeps them for the figures."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: list[Entry] = []
        self._file = path.open("a")

    def write(self, kind: str, **fields: object) -> None:
        entry: Entry = {"kind": kind, "at": time.time(), **fields}
        self._entries.append(entry)
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()

    def of(self, kind: str) -> Iterator[Entry]:
        return (entry for entry in self._entries if entry["kind"] == kind)

    def numbers(self) -> list[str]:
        """Distinct numbers of all acknowledged orders, in the order of their acknowledgement."""
        return list(dict.fromkeys(entry["number"] for entry in self.of("accepted")))

    def close(self) -> None:
        self._file.close()
