"""tests.servers, the plugin that every suite loads: servers of its own, given ones, shared ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy.local.folder import ROOT
from deploy.local.keys import SERVICES
from tests import __main__ as runner
from tests.__main__ import Suite, main
from tests.servers import MARK

WRITE_DOWN = """
import json
import os
import pathlib
def test_variables():
    pathlib.Path("seen.json").write_text(json.dumps(dict(os.environ)))
"""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # or every start loads a browser's driver too
URLS = [f"{service.upper()}_DATABASE_URL" for service in SERVICES]


def seen(folder: Path, **variables: str) -> dict[str, str]:
    """The variables of a test in a pytest process of its own, with none of ours but the given."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p tests.servers\n")
    (folder / "test_it.py").write_text(WRITE_DOWN)
    own = (*URLS, "REDIS_URL", "CACHE_URL", MARK)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", *own))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **ALONE, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads((folder / "seen.json").read_text()))


def test_a_run_has_servers_of_its_own_and_stops_them(tmp_path: Path) -> None:
    variables = seen(tmp_path)
    assert len({variables[name] for name in URLS}) == len(SERVICES)
    for name in URLS:
        assert variables[name] != os.environ[name]
        with pytest.raises(psycopg.OperationalError, match="refused"):
            psycopg.connect(variables[name])


def test_given_servers_are_used_as_they_are(tmp_path: Path) -> None:
    given = {name: f"postgres://given@127.0.0.1:9/{name.lower()}" for name in URLS}
    given |= {"REDIS_URL": "redis://127.0.0.1:9/3", "CACHE_URL": "redis://127.0.0.1:9/4"}
    variables = seen(tmp_path, **given)
    assert {name: variables[name] for name in given} == given


def test_a_run_below_another_shares_its_servers_and_what_is_compiled(tmp_path: Path) -> None:
    names = [*URLS, "REDIS_URL", MARK, "STOREFRONT_SIGNING_KEY"]
    ours = {name: os.environ[name] for name in names}
    variables = seen(tmp_path, **ours, PYTHONDONTWRITEBYTECODE="1")
    assert "PYTHONDONTWRITEBYTECODE" not in variables
    assert list(tmp_path.glob("__pycache__/test_it.*.pyc"))
    assert {name: variables[name] for name in URLS} == {name: ours[name] for name in URLS}
    assert variables["STOREFRONT_SIGNING_KEY"] == ours["STOREFRONT_SIGNING_KEY"]


@pytest.mark.skipif(not os.environ[MARK], reason="the given Redis is used as it is")
def test_every_process_has_redis_databases_of_its_own(tmp_path: Path) -> None:
    ours = {name: os.environ[name] for name in [*URLS, "REDIS_URL", MARK]}
    places = set()
    for suite, worker in (("chassis", "gw0"), ("order_service", "gw0"), ("order_service", "gw1")):
        folder = tmp_path / suite
        folder.mkdir(exist_ok=True)
        variables = seen(folder, **ours, PYTEST_XDIST_WORKER=worker)
        places |= {variables["REDIS_URL"], variables["CACHE_URL"]}
    assert len(places) == 6


def test_two_services_in_one_process_are_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "product_service", "order_service", "--collect-only"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "pytest product_service" in done.stderr


def one_test(folder: Path, does: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The arguments of a pytest that runs it with no plugins."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(f"import time\n\ndef test_it():\n    {does}\n")
    for name in [each for each in os.environ if each.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return ("-c", str(folder / "pytest.ini"), str(folder))


@pytest.mark.parametrize(("asserted", "code"), [("True", 0), ("False", 1)])
def test_one_suite_that_fails_fails_the_run_and_is_shown(
    asserted: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A suite of one test beside a whole shop of none."""
    suite = Suite("one", one_test(tmp_path, f"assert {asserted}", monkeypatch))
    assert main([suite], ["--version"]) == code
    shown = capfd.readouterr().out
    assert f"one{' ' * 24}1 {'failed' if code else 'passed'}" in shown
    assert ("assert False" in shown) == bool(code)


@pytest.mark.parametrize("where", ["suite", "whole shop"])
def test_what_hangs_is_ended_and_named(
    where: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    arguments = one_test(tmp_path, "time.sleep(600)", monkeypatch)
    monkeypatch.setattr(runner, "LONGEST_SECONDS", 2)
    if where == "suite":
        name, code = f"one{' ' * 24}It", main([Suite("one", arguments)], ["--version"])
    else:
        name, code = "The tests of the whole shop", main([], arguments)
    assert code == 1
    shown = capfd.readouterr().out.splitlines()
    [said] = [line for line in shown if line.startswith(f"{name} hung: no end after 2 s. ")]
    assert str(tmp_path) in said
    assert said.endswith("-v -o faulthandler_timeout=60")
