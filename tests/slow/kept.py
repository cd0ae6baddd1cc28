"""A PostgreSQL of its own that archives its WAL, and the scripts of backup and restore with it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from deploy.local.program import end_group, spawn
from deploy.local.servers import archive
from deploy.local.servers.postgres import OWNER, PostgresServer, unprivileged_account
from order_service.dispatch.figures.archive import QUERY

SECONDS = 20.0


@dataclass
class Kept:
    """A server that archives its WAL, and its backups."""

    server: PostgresServer
    process: subprocess.Popen[bytes] | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def backups(self) -> Path:
        assert self.server.backups
        return self.server.backups

    @property
    def environment(self) -> dict[str, str]:
        connection = {"PGHOST": "127.0.0.1", "PGPORT": str(self.server.port), "PGUSER": OWNER}
        account = unprivileged_account()
        owner = {"SERVER_ACCOUNT": f"{account.uid}:{account.gid}"} if account else {}
        place = {"PGDATA": str(self.server.data), "BACKUPS": str(self.backups)}
        password = {"PGPASSWORD": self.server.password}
        return self.server.environment() | connection | password | place | owner | self.more

    def start(self) -> None:
        self.process = spawn(self.server.program(), self.server.home / "log")
        wait_until(self.server.is_ready)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=SECONDS)
            end_group(self.process.pid)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(archive.SCRIPTS / script), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def backup(self) -> str:
        """Its name."""
        done = self.run("backup.sh")
        assert done.returncode == 0, done.stderr
        return done.stdout.split("backup ")[1].split()[0]

    def note(self, word: str) -> datetime:
        """Commit a row; a moment after it, at which whole second no other row is written."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
            connection.execute("INSERT INTO note VALUES (%s)", [word])
        return datetime.now(UTC)

    def archive_all(self) -> None:
        """What archive_timeout does after a while."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row
        wait_until((self.backups / "wal" / f"{row[0]}.gz").exists)

    def waiting(self) -> float:
        """What the metric says: seconds since when WAL waits."""
        with psycopg.connect(self.server.url("postgres")) as connection:
            row = connection.execute(QUERY).fetchone()
        assert row
        return float(row[0])

    def notes(self) -> list[str]:
        with psycopg.connect(self.server.url("postgres")) as connection:
            return [row[0] for row in connection.execute("SELECT word FROM note ORDER BY word")]


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def only(found: Iterator[Path]) -> Path:
    (path,) = found
    return path


def whole(kept: Kept) -> list[str]:
    return sorted(path.name for path in (kept.backups / "base").glob("*Z"))


def must_refuse(kept: Kept, *arguments: str, because: str) -> None:
    before = sorted(kept.server.home.iterdir())
    done = kept.run("restore.sh", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert because in done.stderr
    assert sorted(kept.server.home.iterdir()) == before


def stub(copy: Kept, folder: Path, name: str, lines: str) -> None:
    """A program that comes before the real one, in REAL."""
    path = copy.environment["PATH"]
    real = shutil.which(name, path=path)
    copy.more["PATH"] = path if path.startswith(f"{folder}:") else f"{folder}:{path}"
    (folder / name).write_text(f"#!/bin/bash\nREAL={real}\n{lines}\n")
    (folder / name).chmod(0o755)


def beside(copy: Kept) -> list[str]:
    return sorted(path.name for path in copy.server.home.glob("postgres?*"))
