"""Where the audit's facts come from: two databases, the provider's books, journal and mail.

Nothing of the shop's code is used: plain SQL, one HTTP GET, a file of JSON lines, a folder of mail.
"""

from __future__ import annotations

import email
import email.policy
import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


@dataclass(frozen=True)
class Violation:
    """A broken invariant and the ids to look it up with."""

    invariant: str
    what: str
    ids: Row

    def __str__(self) -> str:
        shown = " ".join(f"{name}={value}" for name, value in self.ids.items())
        return f"{self.invariant} {self.what}: {shown}"


@dataclass(frozen=True)
class Provider:
    """What the payment provider has in its books."""

    entries: Sequence[Row]  # authorize, capture, void: what really moved
    open: Sequence[Row]  # authorizations that still hold, or may come to hold, money

    @classmethod
    def ask(cls, url: str, key: str) -> Provider:
        ledger = _get(f"{url}/ledger", key)["entries"]
        return cls(ledger, _get(f"{url}/authorizations?open=1", key)["authorizations"])


@dataclass(frozen=True)
class Mail:
    """One message that arrived."""

    message_id: str
    to: str
    text: str


class Database:
    """Reads of one database in one snapshot, so that its answers belong together."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    @classmethod
    def at(cls, url: str) -> Database:
        connection = psycopg.connect(url, row_factory=dict_row)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return cls(connection)

    def rows(self, query: LiteralString) -> list[Row]:
        return self._connection.execute(query).fetchall()

    def found(self, invariant: str, queries: Mapping[str, LiteralString]) -> Iterator[Violation]:
        """Every row of each query as a violation; `queries` maps what is wrong to its SQL."""
        for what, query in queries.items():
            for row in self.rows(query):
                yield Violation(invariant, what, row)

    def close(self) -> None:
        self._connection.close()


def read_journal(path: Path | None) -> list[Row]:
    if path is None:
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def read_mail(folder: Path | None) -> list[Mail] | None:
    """All messages (*.eml) of a folder; None when there is no folder to look into."""
    if folder is None:
        return None
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain", "html"))
        text = f"{message['Subject']} {body.get_content() if body else ''}"
        found.append(Mail(str(message["Message-ID"]), str(message["To"]), text))
    return found


def _get(url: str, key: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
