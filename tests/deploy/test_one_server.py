"""one-server.sh: what it refuses, and when it starts the shop."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import cluster_secrets
from deploy.public import answers
from tests.deploy.manifests import ROOT
from tests.deploy.test_public import COMPOSE, DEPLOY, GIVEN

DOCKER = """#!/bin/bash
echo "$*" >> "{calls}"
case $2 in
    version) exit 0 ;;
    config) shift; exec "{compose}" "$@" ;;
    up) echo "{up}"; exit {code} ;;
esac
"""


class Server:
    """A server with Docker, as far as the command can tell, and a clone of the repository."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "shop"
        (self.root / "deploy").mkdir(parents=True)
        for name in ("__init__.py", "scripts", "public", "compose.yaml", "compose.public.yaml"):
            (self.root / "deploy" / name).symlink_to(DEPLOY / name)
        (self.root / "chassis").symlink_to(ROOT / "chassis")
        scripts = self.root / "deploy" / "scripts"
        scripts.unlink()
        scripts.mkdir()
        command = scripts / "one-server.sh"
        command.write_text((DEPLOY / "scripts" / "one-server.sh").read_text())
        (scripts / "steps").symlink_to(DEPLOY / "scripts" / "steps")
        self.calls, self.bin = folder / "calls", folder / "bin"
        self.bin.mkdir()
        self.docker()

    def docker(self, *, code: int = 0) -> None:
        text = DOCKER.format(calls=self.calls, compose=COMPOSE, up="up", code=code)
        (self.bin / "docker").write_text(text)
        (self.bin / "docker").chmod(stat.S_IRWXU)

    def configure(self, **settings: str) -> None:
        lines = (f"{name}={value}" for name, value in settings.items())
        (self.root / "deploy" / ".env").write_text("\n".join(lines))

    def add_secrets(self) -> None:
        folder = self.root / "deploy" / "secrets"
        cluster_secrets.main([str(folder)])
        (folder / "EMAIL_PASSWORD").write_text("secret")

    def run(self, *options: str) -> tuple[int, str]:
        path = f"{self.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", str(self.root / "deploy" / "scripts" / "one-server.sh"), *options],
            env={"PATH": path, "HOME": "/nowhere"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def has_started(self) -> bool:
        return self.calls.exists() and "compose up" in self.calls.read_text()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_nothing_starts_without_settings(server: Server) -> None:
    code, said = server.run()
    assert (code, server.has_started) == (2, False)
    assert said == ("Refused: deploy/.env is missing: cp deploy/public/example.env deploy/.env\n")


def test_nothing_starts_while_something_is_missing(server: Server) -> None:
    server.configure(DOMAIN="shop.my-shop.com")
    code, said = server.run()
    assert (code, server.has_started) == (2, False)
    names = re.findall(r"^Refused: required variable (\w+) is missing", said, re.MULTILINE)
    assert names == ["ACME_EMAIL", "EMAIL_FROM", "EMAIL_HOST"]
    assert len(said.splitlines()) == 3


def test_nothing_starts_while_something_is_wrong(server: Server) -> None:
    server.configure(**GIVEN | {"DOMAIN": "https://shop.my-shop.com", "EMAIL_PORT": "no"})
    code, said = server.run("--no-dns")
    assert (code, server.has_started) == (2, False)
    assert "Refused: DOMAIN must be a host name of yours" in said
    assert "Refused: EMAIL_PORT must be a whole number" in said
    assert "EMAIL_PASSWORD is missing" in said
    assert "Traceback" not in said


def test_good_settings_start_the_shop_unless_they_are_only_looked_at(server: Server) -> None:
    server.configure(**GIVEN)
    server.add_secrets()
    code, said = server.run("--check", "--no-dns")
    assert (code, server.has_started) == (0, False)
    assert "The settings of https://shop.my-shop.com/ are good." in said
    server.docker(code=1)
    code, said = server.run("--no-dns")
    assert (code, server.has_started) == (1, True)
    assert said.splitlines()[-1].startswith("Failed: not everything has started: ")
    assert "compose up --build --detach --wait" in server.calls.read_text()


def test_an_address_that_does_not_answer_is_told_with_the_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert answers.main("https://127.0.0.1:9/", 0) == 1
    said = capsys.readouterr().err
    assert said == "https://127.0.0.1:9/ does not answer: [Errno 111] Connection refused\n"
