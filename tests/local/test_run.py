"""`run` as a newcomer uses it, with the real shop; what comes after it is in tests/slow."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy.local.program import group_lives
from tests.local.whole_shop import STOP_SECONDS, Shop

JOBS = (
    *("storefront", "product-service", "order-service"),
    *("order-worker", "order-dispatcher"),
    *("product-worker", "product-sweep", "storefront-sweep"),
)
# With whoever watches, where they are installed.
IS_WATCHED = all(
    any(map(shutil.which, names))
    for names in (["prometheus"], ["alertmanager", "prometheus-alertmanager"])
)
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Started once; the last test here stops it."""
    shop = Shop(tmp_path_factory.mktemp("run") / "shop", is_watched=IS_WATCHED)
    yield shop
    shop.end()


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
    page = browser.open(f"{admin}login/", timeout=10)  # the orders' leads to the catalogue's
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.read().decode())
    fields = {**{name: unescape(value) for name, value in hidden}, "username": user}
    sent = urlencode({**fields, "password": password}).encode()
    shown = str(browser.open(page.geturl(), sent, timeout=10).read().decode())
    if onwards := re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', shown):
        return str(browser.open(unescape(onwards[1]), timeout=10).read().decode())
    return shown


def test_the_ready_table_is_true(shop: Shop) -> None:
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


def test_nobody_else_reads_or_adds_to_the_files_of_the_shop(shop: Shop) -> None:
    assert shop.open_to_others() == []
    assert not shop.folder.server_home.stat().st_mode & 0o022


def test_no_process_that_serves_knows_the_owner_of_the_tables(shop: Shop) -> None:
    known = [Path(f"/proc/{pid}/environ").read_bytes() for pid in shop.groups]
    assert sum(b"\0ORDER_SERVICE_DATABASE_URL=" in each for each in known) == 9
    assert [each for each in known if b"_OWNER_DATABASE_" in each] == []


def test_it_runs_once_and_one_ctrl_c_leaves_nothing(shop: Shop) -> None:
    again = shop.command("run")
    assert again.returncode == 1
    assert "Failed: The shop is already running." in again.stdout

    shop.process.send_signal(signal.SIGINT)
    assert shop.process.wait(STOP_SECONDS) == 0
    assert shop.text().rstrip().endswith("Stopped.")
    assert [pid for pid in shop.groups if group_lives(pid)] == []
    assert "died" not in shop.text()
    assert "Traceback" not in shop.text()
