""".env.example names every variable that the code reads, with a line of meaning, and no other."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("storefront", "product_service", "order_service")
CODE = ("chassis", *SERVICES, "sandbox", "deploy/local", "tests", "bench")
ENTRY = re.compile(r"^#?([A-Z][A-Z0-9_]+)=(.*)$")
DIRECT = re.compile(r"""os\.environ(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']""")
# Read by us, but known to every user of a terminal, of Python, Django or pip; BARE_BYTES passes
# between two processes of the benchmark, BASE_URL, CRASH_* and what a token is made of between two
# of the tests.
FOREIGN = {
    *("PATH", "NO_COLOR", "HTTPS_PROXY", "PIP_INDEX_URL", "YES", "DJANGO_SETTINGS_MODULE"),
    *("PYTHONUTF8", "CONTAINERS_REGISTRIES_CONF"),
    *("BARE_BYTES", "BASE_URL", "CRASH_AT", "CRASH_ONCE", "CRASH_SIGNAL"),
    *("ISSUER", "AUDIENCE", "SUBJECT", "SCOPE", "SIGNING_KEY"),
}
RECORD = """
import importlib, json, os, sys
from chassis.environment import Environment
names, read = set(), Environment._read
Environment._read = lambda self, name: (names.add(name), read(self, name))[1]
settings = importlib.import_module(sys.argv[1])
os.environ["DATABASE_AS_OWNER"] = "1"
importlib.reload(settings)
print(json.dumps(sorted(names)))
"""


def documented() -> dict[str, str]:
    """Variable and the line above it."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = itertools.pairwise(lines)
    return {found[1]: above for above, line in pairs if (found := ENTRY.match(line))}


def read_by_settings(service: str) -> set[str]:
    # Without a password in the URL the one beside it is read too, of either role.
    names = ("DATABASE_URL", "OWNER_DATABASE_URL")
    url = {f"{service.upper()}_{name}": "postgres://user@127.0.0.1:9/shop" for name in names}
    command = [sys.executable, "-c", RECORD, f"{service}.settings"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **url}, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def read_directly() -> set[str]:
    files = (file for folder in CODE for file in (ROOT / folder).glob("**/*.py"))
    return {name for file in files for name in DIRECT.findall(file.read_text())}


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_is_documented(service: str) -> None:
    assert read_by_settings(service) - documented().keys() == set()


def test_every_other_variable_is_documented() -> None:
    own = {name for name in read_directly() if not name.startswith(("PYTEST_", "TECHCOMMERCE_"))}
    assert own - documented().keys() - FOREIGN == set()


def test_nothing_is_documented_that_nobody_reads() -> None:
    read = read_directly().union(*(read_by_settings(service) for service in SERVICES))
    files = (file for folder in CODE for file in (ROOT / folder).glob("**/*.py"))
    code = " ".join(file.read_text() for file in files if file != Path(__file__))
    named = set(re.findall(r"""["']([A-Z][A-Z0-9_]+)["']""", code))
    assert documented().keys() - read - named == set()


def test_every_variable_has_a_line_of_meaning() -> None:
    assert {name: above for name, above in documented().items() if not above.startswith("# ")} == {}


def test_a_missing_variable_is_named_with_all_others() -> None:
    """One run tells everything that is missing."""
    bare = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", "import order_service.settings"]
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True)
    assert done.returncode != 0
    for name in ("ORDER_SERVICE_DATABASE_URL", "ORDER_SERVICE_SECRET_KEY", "ORDER_LINK_KEYS"):
        assert f"{name} is missing" in done.stderr
