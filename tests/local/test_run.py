"""`run`, `stop` and `reset` as a newcomer uses them, with the real shop."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy.local.folder import ROOT, RunFolder
from deploy.local.program import group_lives

JOBS = (
    *("storefront", "product-service", "order-service"),
    *("order-worker", "order-dispatcher", "product-sweep", "storefront-sweep"),
)
# With whoever watches, where they are installed.
IS_WATCHED = all(
    any(map(shutil.which, names))
    for names in (["prometheus"], ["alertmanager", "prometheus-alertmanager"])
)
READY_SECONDS = 90.0
STOP_SECONDS = 60.0
PATIENCE_SECONDS = 30.0


class Shop:
    """`python -m deploy.local run` in a folder of its own, with none of the tests' variables."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        known = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
        self.variables = {name: os.environ[name] for name in known if name in os.environ}
        self.variables |= {"RUN_FOLDER": str(folder), "MONITORING": str(int(IS_WATCHED))}
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
        deadline = time.monotonic() + READY_SECONDS
        while "Ready after" not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)
        self.groups = [each["pid"] for each in self.folder.read("processes").values()]

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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder for the module: only its first run has to prepare it."""
    folder = tmp_path_factory.mktemp("run") / "shop"
    yield folder
    reset = [sys.executable, "-m", "deploy.local", "reset"]
    subprocess.run(reset, cwd=ROOT, env={**os.environ, "RUN_FOLDER": str(folder), "YES": "1"})


@pytest.fixture(scope="module")
def shops() -> Iterator[list[Shop]]:
    """Every start of the module, the first first."""
    started: list[Shop] = []
    yield started
    for shop in started:
        shop.process.kill()
        shop.process.wait()
        shop.command("stop")


@pytest.fixture
def start(folder: Path, shops: list[Shop]) -> Callable[[], Shop]:
    """The running shop, or a new start where the last one was stopped."""

    def starter() -> Shop:
        if not shops or shops[-1].process.poll() is not None:
            shops.append(Shop(folder))
        return shops[-1]

    return starter


def opens(url: str) -> bool:
    """Whether the page is shown; on a loaded machine a service may rightly ask for patience."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:
                raise
            time.sleep(0.1)
    return False


def log_in(admin: str, user: str, password: str) -> str:
    """The page that a person sees after the log-in form."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = browser.open(f"{admin}login/", timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    fields = {"username": user, "password": password, "csrfmiddlewaretoken": token[1]}
    answer = browser.open(f"{admin}login/?next=/admin/", urlencode(fields).encode(), timeout=10)
    return str(answer.read().decode())


def test_the_ready_table_is_true(start: Callable[[], Shop]) -> None:
    shop = start()
    table = shop.text().rpartition("  Shop ")[2].partition("Ready after")[0]
    addresses = re.findall(r"http://[^\s;]+", table)
    assert len(addresses) == 6 + len(JOBS) + 2 * IS_WATCHED
    assert [each for each in addresses if not opens(each)] == []
    for title in ("Catalogue admin", "Orders admin"):
        [user, password] = re.findall(rf"{title}.*?(\w+) / (\w+)", shop.text())[0]
        assert "Log out" in log_in(shop.url(title), user, password)
    assert "tok_approve" in shop.text()
    jobs = {}
    for each in json.loads((shop.folder.path / "monitoring" / "targets.json").read_text()):
        [address] = each["targets"]
        assert f"http://{address}/metrics" in shop.text()
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            jobs[each["labels"]["job"]] = "techcommerce_build_info" in answer.read().decode()
    assert jobs == dict.fromkeys(JOBS, True)
    assert len(shop.groups) == 11 + 2 * IS_WATCHED


def test_nobody_else_reads_or_adds_to_the_files_of_the_shop(start: Callable[[], Shop]) -> None:
    shop = start()
    assert shop.open_to_others() == []
    assert not shop.folder.server_home.stat().st_mode & 0o022


def test_no_process_that_serves_knows_the_owner_of_the_tables(start: Callable[[], Shop]) -> None:
    known = [Path(f"/proc/{pid}/environ").read_bytes() for pid in start().groups]
    assert sum(b"\0ORDER_SERVICE_DATABASE_URL=" in each for each in known) == 9
    assert [each for each in known if b"_OWNER_DATABASE_" in each] == []


def test_it_runs_once_and_one_ctrl_c_leaves_nothing(start: Callable[[], Shop]) -> None:
    shop = start()
    again = shop.command("run")
    assert again.returncode == 1
    assert "Failed: The shop is already running." in again.stdout

    shop.process.send_signal(signal.SIGINT)
    assert shop.process.wait(STOP_SECONDS) == 0
    assert shop.text().rstrip().endswith("Stopped.")
    assert [pid for pid in shop.groups if group_lives(pid)] == []
    assert "died" not in shop.text()
    assert "Traceback" not in shop.text()


def test_a_second_start_takes_up_what_the_first_left(
    start: Callable[[], Shop], shops: list[Shop]
) -> None:
    """Same ports, passwords and data, nothing prepared again."""
    first = shops[0]
    for each in (first.folder.path, *first.folder.path.rglob("*")):
        if not each.is_symlink():
            each.chmod(0o777 if each.is_dir() else 0o666)  # as a shop without care had left it
    second = start()
    assert second is not first
    assert second.open_to_others() == []
    assert "Preparing the shop" in first.text()
    assert "Preparing the shop" not in second.text()
    assert second.url("Orders admin") == first.url("Orders admin")
    assert re.findall(r"admin / \w+", second.text()) == re.findall(r"admin / \w+", first.text())


def test_another_terminal_stops_and_deletes_it(start: Callable[[], Shop]) -> None:
    """`reset` is `stop` and more."""
    shop = start()
    home = shop.folder.server_home
    done = shop.command("reset", YES="1")
    assert (done.returncode, shop.process.wait(STOP_SECONDS)) == (0, 0)
    assert "Stopping the shop" in done.stdout
    assert [pid for pid in shop.groups if group_lives(pid)] == []
    assert not shop.folder.path.exists()
    assert not home.exists()
