"""The provider's own memory: authorizations, every movement of money, and every key seen.

An idempotency key and its effect are written in one SQLite transaction, so a key was either
never seen or has its effect, whenever the process is killed. The entries are append-only: the
audit of the shop compares its books with them.

    authorization   id, reference, amount, currency, token, status, reason, return_url
    entry           kind authorize|capture|void|refund|refund_failed, amount, key
                    (what really moved; refund_failed: a refund came back)
    seen            key, operation, fingerprint, authorization, status, reason
    refund          see refunds.py

This provider allows several captures of one authorization, as real ones do: a shop that captures
twice under two keys charges its customer twice, and sees it here.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.tokens import TOKENS

SCHEMA = """
CREATE TABLE IF NOT EXISTS authorization (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL, token TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
    return_url TEXT, key TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    authorization TEXT NOT NULL REFERENCES authorization (id),
    reference TEXT NOT NULL, kind TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
    key TEXT PRIMARY KEY, operation TEXT NOT NULL, fingerprint TEXT NOT NULL,
    authorization TEXT NOT NULL REFERENCES authorization (id), status TEXT NOT NULL, reason TEXT);
"""


class UnknownAuthorization(Exception):
    """There is no authorization of this id."""


class KeyReused(Exception):
    """The idempotency key was used before, for something else."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call; `is_new` is False when the key had been seen before."""

    authorization: str
    status: str
    reason: str | None
    is_new: bool


class Ledger:
    """The SQLite file of one provider; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.chmod(0o600)  # SQLite gives its other files the same mode
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # survives SIGKILL, and is fast
        self._connection.execute("PRAGMA busy_timeout = 2000")
        self._connection.executescript(SCHEMA)

    def authorize(
        self, *, key: str, reference: str, amount: int, currency: str, token: str, return_url: str
    ) -> Outcome:
        """Reserve `amount` minor units as the token says."""
        behaviour = TOKENS[token]
        fingerprint = f"{reference} {amount} {currency} {token}"
        with self.transaction() as db:
            if earlier := self.seen(db, key, "authorize", fingerprint):
                return earlier
            row: dict[str, Any] = {
                "id": f"auth_{secrets.token_hex(12)}",
                "reference": reference,
                "amount": amount,
                "currency": currency,
                "token": token,
                "status": behaviour.status,
                "reason": behaviour.reason,
                "return_url": return_url,
                "key": key,
                "at": now(),
            }
            db.execute(
                "INSERT INTO authorization VALUES (:id, :reference, :amount, :currency, :token,"
                " :status, :reason, :return_url, :key, :at)",
                row,
            )
            if behaviour.status == "authorized":
                self.enter(db, row, "authorize", amount, key)
            return self.remember(db, key, "authorize", fingerprint, row["id"], row)

    def capture(self, *, key: str, authorization: str, amount: int) -> Outcome:
        """Take `amount` of what was reserved, if it still is."""
        fingerprint = f"{authorization} {amount}"
        with self.transaction() as db:
            if earlier := self.seen(db, key, "capture", fingerprint):
                return earlier
            row = self.row(db, authorization)
            reason = _why_not_captured(row, amount)
            if reason is None:
                self.enter(db, row, "capture", amount, key)
                self._set_status(db, authorization, "captured")
            result = {"status": "declined" if reason else "captured", "reason": reason}
            return self.remember(db, key, "capture", fingerprint, authorization, result)

    def void(self, *, key: str, authorization: str) -> Outcome:
        """Give back what was reserved. What was captured stays captured; nothing held is fine."""
        with self.transaction() as db:
            if earlier := self.seen(db, key, "void", authorization):
                return earlier
            row = self.row(db, authorization)
            status = row["status"]
            if status in ("authorized", "action_required"):
                if status == "authorized":
                    self.enter(db, row, "void", row["amount"], key)
                status = "voided"
                self._set_status(db, authorization, status)
            result = {"status": status, "reason": row["reason"]}
            return self.remember(db, key, "void", authorization, authorization, result)

    def confirm(self, authorization: str, *, approved: bool) -> dict[str, Any]:
        """The shopper's answer on the bank's page; only the first answer counts."""
        with self.transaction() as db:
            row = self.row(db, authorization)
            if row["status"] == "action_required":
                if approved:
                    self.enter(db, row, "authorize", row["amount"], row["key"])
                    self._set_status(db, authorization, "authorized")
                else:
                    self._set_status(db, authorization, "declined", "confirmation_refused")
            return self.row(db, authorization)

    def find(self, authorization: str) -> dict[str, Any]:
        with self._lock:
            return self.row(self._connection, authorization)

    def look_up(self, key: str) -> tuple[str, Outcome] | None:
        """The operation and outcome of `key`, or None if it was never seen."""
        with self._lock:
            row = self._connection.execute("SELECT * FROM seen WHERE key = ?", [key]).fetchone()
            return None if row is None else (row["operation"], self._outcome(self._connection, row))

    def open_authorizations(self) -> list[dict[str, Any]]:
        """What still holds, or may come to hold, a shopper's money without taking it."""
        return self.all(
            "SELECT * FROM authorization WHERE status IN ('authorized', 'action_required')"
            " ORDER BY rowid"
        )

    def authorizations_of(self, reference: str, since: datetime) -> list[dict[str, Any]]:
        """What the shop asked for under its `reference` since then, oldest first."""
        query = "SELECT * FROM authorization WHERE reference = ? AND at >= ? ORDER BY rowid"
        return self.all(query, reference, text(since))

    def captures(self, since: datetime) -> list[dict[str, Any]]:
        """What was taken since then, oldest first, with the key of its authorization."""
        query = """
            SELECT entry.*, authorization.key AS authorization_key
            FROM entry JOIN authorization ON authorization.id = entry.authorization
            WHERE entry.kind = 'capture' AND entry.at >= ? ORDER BY entry.id"""
        return self.all(query, text(since))

    def entries(self) -> list[dict[str, Any]]:
        return self.all("SELECT * FROM entry ORDER BY id")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def all(self, query: str, *values: str) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]

    def row(self, db: sqlite3.Connection, authorization: str) -> dict[str, Any]:
        query = "SELECT * FROM authorization WHERE id = ?"
        row = db.execute(query, [authorization]).fetchone()
        if row is None:
            raise UnknownAuthorization(authorization)
        return dict(row)

    def seen(
        self, db: sqlite3.Connection, key: str, operation: str, fingerprint: str
    ) -> Outcome | None:
        row = db.execute("SELECT * FROM seen WHERE key = ?", [key]).fetchone()
        if row is None:
            return None
        if (row["operation"], row["fingerprint"]) != (operation, fingerprint):
            raise KeyReused(key)
        return self._outcome(db, row)

    def _outcome(self, db: sqlite3.Connection, seen: sqlite3.Row) -> Outcome:
        """The stored outcome; an authorization is told as it is by now, not as it was born."""
        told = self.row(db, seen["authorization"]) if seen["operation"] == "authorize" else seen
        return Outcome(seen["authorization"], told["status"], told["reason"], is_new=False)

    def remember(
        self,
        db: sqlite3.Connection,
        key: str,
        operation: str,
        fingerprint: str,
        authorization: str,
        result: dict[str, Any],
    ) -> Outcome:
        status, reason = result["status"], result["reason"]
        db.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)",
            [key, operation, fingerprint, authorization, status, reason],
        )
        return Outcome(authorization, status, reason, is_new=True)

    def enter(
        self, db: sqlite3.Connection, row: dict[str, Any], kind: str, amount: int, key: str
    ) -> None:
        db.execute(
            "INSERT INTO entry (authorization, reference, kind, amount, currency, key, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [row["id"], row["reference"], kind, amount, row["currency"], key, now()],
        )

    def _set_status(
        self, db: sqlite3.Connection, authorization: str, status: str, reason: str | None = None
    ) -> None:
        db.execute(
            "UPDATE authorization SET status = ?, reason = ? WHERE id = ?",
            [status, reason, authorization],
        )


def _why_not_captured(row: dict[str, Any], amount: int) -> str | None:
    """The reason to refuse a capture, or None."""
    if row["status"] not in ("authorized", "captured"):
        return f"authorization_{row['status']}"
    if amount > row["amount"]:
        return "amount_too_large"
    return TOKENS[row["token"]].capture_reason


def now() -> str:
    return text(datetime.now(UTC))


def text(moment: datetime) -> str:
    """As it is stored: all in UTC and of one length, so that texts compare as their times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
