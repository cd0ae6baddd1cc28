"""Every variable of .env.example is checked at start: nonsense is refused by name, in one line.

The table below says for each variable what must not pass. One that is added to .env.example and to
no part of the table fails the first test.
"""

from __future__ import annotations

import logging
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import placeholders
from tests.effort import third, tries
from tests.test_environment import ROOT, documented

STOREFRONT, PRODUCTS, ORDERS = "storefront", "product_service", "order_service"
SERVICES = (STOREFRONT, PRODUCTS, ORDERS)
PROCESS = ("chassis.process",)
SANDBOX = ("sandbox",)
SETTINGS = tuple(f"{service}.settings" for service in SERVICES)
OF_STOREFRONT, OF_PRODUCTS, OF_ORDERS = ((module,) for module in SETTINGS)
OF_STAFF = (*OF_ORDERS, *OF_PRODUCTS)

FLAGS = ("yes", "2", "on")
SECONDS = ("-1", "0", "abc", "nan", "1e9", "1_0", "5s", "1,5")
DAYS = ("-1", "0", "abc", "1e9", "inf")
COUNTS = ("-1", "0", "many", "1.5", "99999999999")
PLACES = ("nowhere", "ftp://host/", "http://", "http://host:port", "http://[::1", "http://a b")
# pragma: allowlist nextline secret
HTTP = ("HTTP://host", "http://u:pw@host", "http://host/?a=b", "http://host\n")
DATABASES = ("nonsense", "mysql://u@h/shop", "postgres://u@h", "postgres://u@h:70000/shop")
REDIS = ("nonsense", "http://h/0", "redis://h:x/0", "redis://h/first")
KEYS = ("short", "A" * 42)
CURRENCIES = ("euro", "EURO", "eur", "XXX", "XAU", "BHD", "KWD", "TND", "CLF", "€")
ZONES = ("Mars", "CEST", "europe/berlin", "UTC+1", "../UTC", "Europe", "Europe/Berlin ")
NO_ADDRESSES = ("shop", "Shop", "shop@", "a@example.org\nBcc: b@example.org")
NO_PLACES = ("Factory", "localtime", "posixrules", "right/Europe/Berlin", "posix/UTC")

# (where it is read, the variables, what each of them must refuse)
CHECKED: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (SETTINGS, "DEBUG DATABASE_AS_OWNER PREPARED_STATEMENTS", FLAGS),
    (OF_ORDERS, "CHAOS EMAIL_USE_TLS EMAIL_USE_SSL", FLAGS),
    (SETTINGS, "LOG_LEVEL", ("LOUD", "10", "NOTSET")),
    (SETTINGS, "LOG_FORMAT", ("text", "JSON")),
    (SETTINGS, "PUBLIC_URL", (*PLACES, *HTTP, "shop.example.org", "https://shop.example.org/shop")),
    (SETTINGS, "ALLOWED_HOSTS", ("http://shop.example.org", "shop.example.org:80", "a b")),
    (SETTINGS, "TRUSTED_PROXY_COUNT", ("-1", "one", "1.5", "21")),
    (SETTINGS, "STORE_CURRENCY", CURRENCIES),
    (SETTINGS, "STORE_TIME_ZONE", (*ZONES, *NO_PLACES)),
    (SETTINGS, "STATEMENT_SECONDS", ("-1", "abc", "nan")),
    (SETTINGS, "CACHE_URL", REDIS),
    ((*OF_PRODUCTS, *OF_ORDERS), "REDIS_URL", REDIS),
    (OF_STOREFRONT, "PRODUCT_SERVICE_URL ORDER_SERVICE_URL", (*PLACES, *HTTP)),
    (OF_ORDERS, "PRODUCT_SERVICE_URL PAYMENT_PROVIDER_URL", PLACES),
    (OF_STOREFRONT, "STOREFRONT_DATABASE_URL STOREFRONT_OWNER_DATABASE_URL", DATABASES),
    (OF_PRODUCTS, "PRODUCT_SERVICE_DATABASE_URL PRODUCT_SERVICE_OWNER_DATABASE_URL", DATABASES),
    (OF_ORDERS, "ORDER_SERVICE_DATABASE_URL ORDER_SERVICE_OWNER_DATABASE_URL", DATABASES),
    (OF_STOREFRONT, "STOREFRONT_SECRET_KEY", ("short",)),
    (OF_PRODUCTS, "PRODUCT_SERVICE_SECRET_KEY", ("short",)),
    (OF_ORDERS, "ORDER_SERVICE_SECRET_KEY ORDER_LINK_KEYS", ("short",)),
    (OF_STOREFRONT, "STOREFRONT_SIGNING_KEY", KEYS),
    (OF_PRODUCTS, "ORDER_SERVICE_PUBLIC_KEYS", KEYS),
    (OF_ORDERS, "ORDER_SERVICE_SIGNING_KEY STOREFRONT_PUBLIC_KEYS", KEYS),
    (OF_STOREFRONT, "SESSION_DAYS CART_DAYS", DAYS),
    (OF_STOREFRONT, "CHECKOUT_DAYS", (*DAYS, "7.5")),
    (OF_STOREFRONT, "RETENTION_INTERVAL_SECONDS", SECONDS),
    (OF_PRODUCTS, "SWEEP_INTERVAL_SECONDS", SECONDS),
    (OF_ORDERS, "ORDER_LINK_DAYS", DAYS),
    (OF_ORDERS, "PAYMENT_PROVIDERS", ("paypall", "sandbox,stripes", ",")),
    (OF_ORDERS, "TAX_RATE", ("19", "0,19", "-1", "NaN", "1", "0.19555", "19%", "٠.١٩", ".")),
    (OF_ORDERS, "EMAIL_HOST", ("smtp://mail.example.org", "mail.example.org:25", "a b")),
    (OF_ORDERS, "EMAIL_PORT", ("abc", "0", "-1", "65536", "25.5")),
    (OF_ORDERS, "EMAIL_TIMEOUT_SECONDS", (*SECONDS, "41")),
    (OF_ORDERS, "EMAIL_FROM OWNER_EMAIL", NO_ADDRESSES),
    (OF_STAFF, "STAFF_SECOND_FACTOR", FLAGS),
    (OF_ORDERS, "CATALOGUE_ADMIN_URL", (*PLACES, *HTTP)),
    (OF_STAFF, "ORDERS_ADMIN_URL", (*PLACES, *HTTP, "https://shop.example.org/admin/")),
    (OF_ORDERS, "ORDER_LEASE_SECONDS ORDER_RESEND_SECONDS ORDER_RETRY_SECONDS", SECONDS),
    (OF_ORDERS, "ORDER_RETRY_MAX_SECONDS ORDER_ADVANCE_SECONDS INLINE_AFTER_SECONDS", SECONDS),
    (OF_ORDERS, "RESERVATION_SECONDS", (*SECONDS, "86401")),
    (OF_ORDERS, "AWAITING_SHOPPER_SECONDS DISPATCH_INTERVAL_SECONDS", SECONDS),
    (OF_ORDERS, "RECONCILE_SECONDS", SECONDS),
    (OF_ORDERS, "WORKER_CHILD_KIB", COUNTS),
    (PROCESS, "PORT", ("abc", "0", "65536")),
    (SANDBOX, "PORT", ("abc", "0", "65536")),
    (PROCESS, "BIND", ("http://0.0.0.0", "0.0.0.0:8000")),
    (PROCESS, "METRICS_PORT", ("abc", "-1", "65536")),
    (PROCESS, "PROMETHEUS_MULTIPROC_DIR WORKER_TMP_DIR", ("/proc/nothing/here", "/dev/null/here")),
    (PROCESS, "PROGRESS_SECONDS", SECONDS),
    (PROCESS, "SERVICE", ("shop", "Storefront")),
    (PROCESS, "WEB_WORKERS WEB_THREADS", COUNTS),
    (PROCESS, "KEEP_ALIVE_SECONDS", (*COUNTS, "14", "3601")),
    (PROCESS, "FORWARDED_ALLOW_IPS", ("everybody", "10.0.0.0/33", "10.0.0.1/8")),
    (SANDBOX, "SANDBOX_PUBLIC_URL", PLACES),
    (SANDBOX, "SANDBOX_LEDGER", ("/dev/null/ledger.sqlite3", "/tmp")),
)
# Any text will do: names of people's own, passwords, what is shown and nothing else.
TEXTS = {
    *("STOREFRONT_DATABASE_PASSWORD", "STOREFRONT_OWNER_DATABASE_PASSWORD"),
    *("PRODUCT_SERVICE_DATABASE_PASSWORD", "PRODUCT_SERVICE_OWNER_DATABASE_PASSWORD"),
    *("ORDER_SERVICE_DATABASE_PASSWORD", "ORDER_SERVICE_OWNER_DATABASE_PASSWORD"),
    *("STOREFRONT_SECRET_KEY_FALLBACKS", "PRODUCT_SERVICE_SECRET_KEY_FALLBACKS"),
    *("ORDER_SERVICE_SECRET_KEY_FALLBACKS", "PAYMENT_PROVIDER_KEY"),
    *("EMAIL_USER", "EMAIL_PASSWORD", "ADMIN_PASSWORD", "VERSION", "REVISION"),
}
# Read by `make` alone: see the last tests here and tests/local.
OF_MAKE = {"RUN_FOLDER", "BACKUP_FOLDER", "MONITORING", "MAIL_FOLDER", "SECONDS_DOWN"}
# Read by the developer's tests and by deploy.sh, no part of a shop that serves.
OF_TESTS = {
    *("TEST_ALL", "TEST_TURN", "FAULT_SECONDS", "FAULT_SEED", "CART_SEED", "OPENAPI_SEED"),
    *("SHOP_URL", "SMOKE_PAYMENT", "SMOKE_PRODUCT", "SHOP_OVERLAY", "CLUSTER_WIPE", "CHROMIUM"),
    *("REQUIRE_BROWSER", "REQUIRE_PROMTOOL", "REQUIRE_CADDY", "KUBECTL"),
}
# Where what is refused is a rule of its own; of the others two values tell whether it is checked.
EVERY_VALUE = {
    "STORE_CURRENCY",
    "STORE_TIME_ZONE",
    "TAX_RATE",
    "PUBLIC_URL",
    "EMAIL_FROM",
    "OWNER_EMAIL",
}


def tried(name: str, refused: tuple[str, ...], *, is_first: bool) -> tuple[str, ...]:
    """Every service reads what all of them read by the same lines: one value is enough for each
    but the first."""
    if not is_first:
        return refused[:1]
    return refused if name in EVERY_VALUE else refused[: tries(2, 99)]


CASES = [
    pytest.param(module, name, value, id=f"{module.partition('.')[0]}-{name}-{value!a}")
    for modules, names, refused in CHECKED
    for module in modules
    for name in names.split()
    for value in tried(name, refused, is_first=module == modules[0])
]


@pytest.fixture
def good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with which everything starts."""
    for name in documented():
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    for name, value in placeholders.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORT", "9")
    monkeypatch.setenv("SANDBOX_LEDGER", str(tmp_path / "ledger.sqlite3"))
    monkeypatch.setenv("DATABASE_AS_OWNER", "1")
    return monkeypatch


def test_every_variable_has_its_place_in_the_table() -> None:
    checked = {name for _, names, _ in CHECKED for name in names.split()}
    assert documented().keys() - checked - TEXTS - OF_MAKE - OF_TESTS == set()
    assert (checked | TEXTS | OF_MAKE | OF_TESTS) - documented().keys() == set()


@pytest.mark.parametrize("module", [*SETTINGS, *PROCESS])
def test_a_good_environment_starts(module: str, good: pytest.MonkeyPatch) -> None:
    runpy.run_module(module)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("STORE_CURRENCY", ""), ("TAX_RATE", ""), ("TAX_RATE", ".19"), ("TAX_RATE", "0.190000")),
        *(("LOG_LEVEL", "CRITICAL"), ("LOG_LEVEL", "WARN"), ("LOG_LEVEL", "info")),
        ("STORE_TIME_ZONE", "Europe/Berlin"),
    ],
)
def test_what_means_something_starts(name: str, value: str, good: pytest.MonkeyPatch) -> None:
    good.setenv(name, value)
    settings = runpy.run_module("order_service.settings")
    assert (settings["STORE_CURRENCY"], str(settings["TAX_RATE"])) == ("EUR", "0.19")
    assert settings["LOGGING"]["root"]["level"] in logging.getLevelNamesMapping()


@pytest.mark.parametrize(("module", "name", "value"), third(CASES))
def test_nonsense_is_refused_by_name(
    module: str, name: str, value: str, good: pytest.MonkeyPatch
) -> None:
    good.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        runpy.run_module(module)
    line = str(refused.value)
    assert line.startswith(f"Wrong or missing settings: {name} ")
    assert line.count("\n") == 0
    assert line.count(" must be ") + line.count(" is too short") + line.count("not a key") == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "STORE_CURRENCY",
            "BHD",
            "no or two decimals (BHD has 3), like EUR, USD or JPY, not 'BHD'",
        ),
        ("STORE_TIME_ZONE", "berlin", "like Europe/Berlin, not 'berlin'"),
        ("TAX_RATE", "0,19", "a point, like 0.19 for 19 %, with four decimals at most, not '0,19'"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO, WARN, WARNING, ERROR, CRITICAL, not 'LOUD'"),
        ("EMAIL_PORT", "abc", "a whole number from 1 to 65535, not 'abc'"),
    ],
)
def test_a_refusal_says_what_is_allowed(
    name: str, value: str, said: str, good: pytest.MonkeyPatch
) -> None:
    good.setenv(name, value)
    with pytest.raises(SystemExit, match="must be") as refused:
        runpy.run_module("order_service.settings")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("REDIS_URL", "redis//:hunter2@h"), ("ORDER_SERVICE_SECRET_KEY", "hunter2")],
)
def test_no_secret_is_repeated(name: str, value: str, good: pytest.MonkeyPatch) -> None:
    good.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        runpy.run_module("order_service.settings")
    assert "hunter2" not in str(refused.value)


WORKER = ("celery", "-A", "order_service.celery", "--quiet", "worker", "-c", "1")
PROCESSES = {
    "a command": ("TAX_RATE", (sys.executable, "manage.py", "order_service", "check")),
    "a web server": ("STORE_CURRENCY", ("gunicorn", "-c", "python:chassis.gunicorn")),
    "its own settings": ("WEB_WORKERS", ("gunicorn", "-c", "python:chassis.gunicorn")),
    "a worker": ("TAX_RATE", WORKER),
    "the dispatcher": (
        "DISPATCH_INTERVAL_SECONDS",
        (sys.executable, "manage.py", "order_service", "dispatch"),
    ),
    "the sandbox": ("PORT", (sys.executable, "-m", "sandbox")),
}


@pytest.mark.parametrize("of", PROCESSES)
def test_a_process_with_a_wrong_setting_ends_with_one_line(
    of: str, good: pytest.MonkeyPatch
) -> None:
    name, command = PROCESSES[of]
    good.setenv(name, "nonsense")
    good.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (line,) = (done.stdout + done.stderr).splitlines()
    assert line.startswith(f"Wrong or missing settings: {name} must be ")
    assert line.endswith("not 'nonsense'. See .env.example.")


@pytest.mark.parametrize(
    ("command", "name", "value", "said"),
    [
        ("run", "TAX_RATE", "19", "TAX_RATE must be a share from 0 to 0.9999"),
        ("run", "WEB_WORKERS", "many", "WEB_WORKERS must be a whole number from 1 to 100"),
        ("run", "MONITORING", "yes", "MONITORING must be 0 or 1, not 'yes'."),
        ("demo-failure", "SECONDS_DOWN", "-1", "SECONDS_DOWN must be a whole number from 1 to"),
    ],
)
def test_make_says_which_setting_is_wrong_before_anything_starts(
    command: str, name: str, value: str, said: str, tmp_path: Path, good: pytest.MonkeyPatch
) -> None:
    good.setenv(name, value)
    good.setenv("RUN_FOLDER", str(tmp_path))
    good.delenv("PORT")
    arguments = [sys.executable, "-m", "deploy.local", command]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"Why: {said}" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "postgres").exists()
