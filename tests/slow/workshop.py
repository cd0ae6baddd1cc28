"""A clone of this repository with a remote of its own, where the scripts of a pipeline may work."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local.folder import ROOT

WHO = {"NAME": "Release", "EMAIL": "release@example.org"}
AUTHOR = {
    f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in WHO.items()
}
DIGESTS = {
    "storefront": f"sha256:{'a' * 64}",
    "product-service": f"sha256:{'b' * 64}",
    "order-service": f"sha256:{'c' * 64}",
    "sandbox": f"sha256:{'d' * 64}",
}


class Workshop:
    """`clone` is on the branch main of `remote`, and holds what this work tree holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clone, self.remote = folder / "clone", folder / "remote.git"
        self.reports = folder / "reports"
        self.reports.mkdir()
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.remote), at=folder)
        self.git("clone", "--quiet", str(ROOT), str(self.clone), at=folder)
        self._take_over_changes()
        self.git("remote", "set-url", "origin", str(self.remote))
        self.git("push", "--quiet", "origin", "HEAD:main")

    def _take_over_changes(self) -> None:
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard", at=ROOT)
        files = "\0".join(each for each in listed.split("\0") if each and (ROOT / each).exists())
        pack = subprocess.run(
            ["tar", "--null", "--files-from", "-", "--create", "--file", "-"],
            cwd=ROOT,
            input=files.encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        subprocess.run(["tar", "--extract"], cwd=self.clone, input=pack.stdout, check=True)
        self.commit("tests: Take over what is not committed")

    def commit(self, subject: str) -> str:
        """All that has changed, as a commit; its name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD").strip()

    def push(self, path: str, text: str) -> str:
        """Somebody else's commit, pushed to main."""
        other = self.folder / "other"
        if not other.exists():
            self.git("clone", "--quiet", str(self.remote), str(other), at=self.folder)
        self.git("pull", "--quiet", at=other)
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).write_text(text)
        self.git("add", "--all", at=other)
        self.git("commit", "--quiet", "--message", "somebody else's", at=other)
        self.git("push", "--quiet", at=other)
        return self.git("rev-parse", "HEAD", at=other).strip()

    def git(self, *arguments: str, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=at or self.clone,
            env={**os.environ, **AUTHOR},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"git {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run(
        self, script: str, *arguments: str, given: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """A script of deploy/scripts/ci, as a pipeline runs it."""
        return subprocess.run(
            [str(self.clone / "deploy/scripts/ci" / f"{script}.sh"), *arguments],
            cwd=self.clone,
            env=self.environment(variables),
            input=given,
            capture_output=True,
            text=True,
        )

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        here = {name: value for name, value in os.environ.items() if "GITHUB" not in name}
        return {
            **here,
            **AUTHOR,
            "REPORTS": str(self.reports),
            "TOOLS": str(ROOT / ".venv-audit"),
            **variables,
        }

    def command(self, name: str, text: str) -> str:
        """A command that stands in for one that is not reachable here."""
        path = self.folder / name
        path.write_text(f"#!/bin/bash\nset -euo pipefail\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def write_images(self, registry: str = "registry.test/acme") -> str:
        """Four images by digest in reports/images.txt."""
        text = "".join(f"{registry}/{name}@{digest}\n" for name, digest in DIGESTS.items())
        (self.reports / "images.txt").write_text(text)
        return text
