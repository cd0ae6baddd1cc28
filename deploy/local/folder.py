"""Where everything of a local shop lies: the repository, its .venv, and the run folder.

.run/   (RUN_FOLDER moves it; `make reset` deletes it)
    lock            held by the supervisor while the shop runs
    processes.json  boot, pid and start time of every process, for whoever cleans up after us
    secrets.env     passwords and keys, generated once, mode 0600
    ports.json      ports of the last run, taken again when they are free
    done.json       fingerprints of migrations, static files and demo data
    environment.json  variables of the last run, for `manage`; mode 0600
    monitoring/     where Prometheus finds the metrics of each process; see deploy.local.monitoring
    logs/ mail/ metrics/ redis/ postgres/

Mails hold names, addresses and links that open an order, so all of it is its owner's alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.failures import Expected

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
PRIVATE = 0o077  # the umask of all that a shop writes


def in_wheels(pattern: str) -> Iterator[Path]:
    """Files that installed packages brought: those of the Python that runs, then the shop's own."""
    for prefix in dict.fromkeys((Path(sys.prefix), VENV)):
        yield from prefix.glob(f"lib/python*/site-packages/{pattern}")


def write_private(file: Path, content: str) -> None:
    """Replace a file in one step: whoever reads it sees the old or the new one.

    Only its owner may read it.
    """
    draft = file.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    draft.replace(file)


@dataclass(frozen=True)
class RunFolder:
    """The folder of one shop. Shops in different folders share nothing."""

    path: Path

    @classmethod
    def default(cls) -> RunFolder:
        return cls(Path(os.environ.get("RUN_FOLDER") or ROOT / ".run").absolute())

    def create(self) -> RunFolder:
        try:
            for folder in (self.path, self.logs, self.mail):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A shop's; a new one in a folder of other things opens nothing.
            if self.lock.exists() or self.secrets.exists():
                self.path.chmod(0o700)
                for file in (self.secrets, *self.path.glob("*.json")):
                    if file.exists():  # a copy of a run folder may have opened them
                        file.chmod(0o600)
            if self.server_home != self.path and not (self.path / "postgres").is_symlink():
                (self.path / "postgres").symlink_to(self.server_home / "postgres")
        except OSError as error:
            raise Expected(
                f"Cannot create {self.path}.",
                why=f"{error.strerror}: the folder of the shop must be writable.",
                fix="RUN_FOLDER=$HOME/techcommerce-run make run",
            ) from error
        return self

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    def metrics(self, name: str) -> Path:
        """Where a server with several processes keeps what each has counted."""
        return self.path / "metrics" / name

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.env"

    @property
    def server_home(self) -> Path:
        """Where PostgreSQL and its data live.

        PostgreSQL refuses to run as root, and the account that runs it instead may be unable to
        enter this folder (a home of root, a temporary folder), so root's servers live outside.
        """
        if os.geteuid() != 0:
            return self.path
        mark = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
        return Path(f"/var/tmp/techcommerce-{mark}")  # noqa: S108 - its owner is checked

    def read(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.path / f"{name}.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def environment(self, why: str) -> dict[str, str]:
        """The variables of the last run. Raises Expected, with this reason, when there was none."""
        if variables := self.read("environment"):
            return variables
        raise Expected(
            "The shop has never run here.", why=why, fix="make run   (in another terminal)"
        )

    def write(self, name: str, content: object) -> None:
        write_private(self.path / f"{name}.json", json.dumps(content, indent=1))

    def is_done(self, work: str, fingerprint: str) -> bool:
        """Whether the work was last finished under this fingerprint."""
        return bool(self.read("done").get(work) == fingerprint)

    def mark_done(self, work: str, fingerprint: str) -> None:
        self.write("done", {**self.read("done"), work: fingerprint})

    def cluster(self, *, is_new: bool = False) -> str:
        """A name for the content of our own PostgreSQL; a new cluster gets a new one."""
        known = self.read("cluster").get("name")
        if is_new or not known:
            known = uuid.uuid4().hex
            self.write("cluster", {"name": known})
        return str(known)
