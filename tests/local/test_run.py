"""`run`, `stop` and `reset` as a newcomer uses them, with the real shop."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy.local.folder import ROOT, RunFolder
from deploy.local.program import group_lives

READY_SECONDS = 90.0
STOP_SECONDS = 60.0


class Shop:
    """`python -m deploy.local run` in a folder of its own, with none of the tests' variables."""

    def __init__(self, folder: Path) -> None:
        known = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
        self.variables = {name: os.environ[name] for name in known if name in os.environ}
        self.variables["RUN_FOLDER"] = str(folder)
        self.folder = RunFolder(folder)
        self.shown = folder.with_suffix(".shown")
        with self.shown.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "run"],
                cwd=ROOT,
                env=self.variables,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + READY_SECONDS
        while "Ready after" not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)
        self.groups = [each["pid"] for each in self.folder.read("processes").values()]

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


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path / "shop")
    yield shop
    shop.process.kill()
    shop.process.wait()
    shop.command("reset", YES="1")


def log_in(admin: str, user: str, password: str) -> str:
    """The page that a person sees after the log-in form."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = browser.open(f"{admin}login/", timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"username": user, "password": password, "csrfmiddlewaretoken": token[1]}
    answer = browser.open(f"{admin}login/?next=/admin/", urlencode(fields).encode(), timeout=10)
    return str(answer.read().decode())


def test_the_ready_table_is_true_and_one_ctrl_c_leaves_nothing(shop: Shop) -> None:
    for title in ("Shop", "API docs", "Mailbox"):
        with urllib.request.urlopen(shop.url(title), timeout=10) as answer:
            assert answer.status == 200
    for title in ("Catalogue admin", "Orders admin"):
        [user, password] = re.findall(rf"{title}.*?(\w+) / (\w+)", shop.text())[0]
        assert "Log out" in log_in(shop.url(title), user, password)
    assert "tok_approve" in shop.text()
    assert len(shop.groups) == 10

    shop.process.send_signal(signal.SIGINT)
    assert shop.process.wait(STOP_SECONDS) == 0
    assert shop.text().rstrip().endswith("Stopped.")
    assert [pid for pid in shop.groups if group_lives(pid)] == []
    assert "died" not in shop.text()
    assert "Traceback" not in shop.text()


def test_stop_and_reset_work_from_another_terminal(shop: Shop) -> None:
    again = shop.command("run")
    assert again.returncode == 1
    assert "Failed: The shop is already running." in again.stdout

    stopped = shop.command("stop")
    assert (stopped.returncode, shop.process.wait(STOP_SECONDS)) == (0, 0)
    assert [pid for pid in shop.groups if group_lives(pid)] == []

    first = json.loads((shop.folder.path / "ports.json").read_text())
    second = Shop(shop.folder.path)  # on the same data, ports and keys
    assert "Preparing the shop" not in second.text()
    assert json.loads((shop.folder.path / "ports.json").read_text()) == first
    assert second.url("Orders admin") == shop.url("Orders admin")

    home = shop.folder.server_home
    assert second.command("reset", YES="1").returncode == 0
    assert second.process.wait(STOP_SECONDS) == 0
    assert not shop.folder.path.exists()
    assert not home.exists() or home == shop.folder.path
    assert [pid for pid in second.groups if group_lives(pid)] == []
