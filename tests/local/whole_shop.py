"""The real shop as `run` starts it, in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from deploy.local.folder import ROOT, RunFolder

READY_SECONDS = 300.0  # on a machine that does much else; a quick one needs 20
STOP_SECONDS = 60.0


class Shop:
    """`python -m deploy.local run` in a folder of its own, with none of the tests' variables."""

    def __init__(self, folder: Path, *, is_watched: bool = False) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        known = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
        self.variables = {name: os.environ[name] for name in known if name in os.environ}
        self.variables |= {"RUN_FOLDER": str(folder), "MONITORING": str(int(is_watched))}
        self.folder = RunFolder(folder)
        self.shown = folder.with_name(f"shown-{time.time_ns()}")
        with self.shown.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "run"],
                cwd=ROOT,
                env=self.variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                umask=0,  # of somebody who hides nothing
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.end()
            raise
        self.groups = [each["pid"] for each in self.folder.read("processes").values()]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while "Ready after" not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def open_to_others(self) -> list[Path]:
        """What somebody else on this machine could come at, PostgreSQL's own folder included."""
        home, path = self.folder.server_home, self.folder.path
        found = [path, *path.rglob("*"), *(home / "postgres").glob("*"), home / "postgres"]
        return [each for each in found if each.lstat().st_mode & 0o007 and not each.is_symlink()]

    def text(self) -> str:
        return self.shown.read_text()

    def url(self, title: str) -> str:
        found = re.search(rf"^  {title}\s+(http://\S+)", self.text(), re.MULTILINE)
        assert found, self.text()
        return found[1]

    def command(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", name],
            cwd=ROOT,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=STOP_SECONDS,
        )

    def end(self) -> None:
        """Whatever became of it: nothing runs and nothing is left."""
        self.process.kill()
        self.process.wait()
        self.command("reset", YES="1")
