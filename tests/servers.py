"""pytest plugin, loaded with `-p tests.servers`: PostgreSQL and Redis for the run, then settings.

    given *_DATABASE_URL / REDIS_URL   are used as they are
    otherwise                          a PostgreSQL and a Redis of this run's own, on free ports,
                                       in a temporary folder, gone at the end

It works before Django reads its settings. The servers are started once: xdist's workers, and the
suites that `python -m tests` starts, find them in the environment. Nothing is shared with a running
shop.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from chassis import interpreter
from deploy.local import inherited, keys, ports
from deploy.local.folder import ROOT
from deploy.local.program import Program, end_group, last_lines, spawn
from deploy.local.servers import binaries
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.redis import RedisServer, find
from tests import scratch

pytest_plugins = ("tests.emptying",)
MARK = "TECHCOMMERCE_TEST_RUN"  # set in processes below the one that started the servers
SUITES = ("root", "chassis", "storefront", "product_service", "order_service")
REDIS_DATABASES_PER_SUITE = 24
SETTINGS = {
    "DEBUG": "0",
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "json",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1],testserver",
    "STORE_CURRENCY": "EUR",
    "TAX_RATE": "0.19",
    # Port 9 is discard: whatever a test forgets to replace is refused at once.
    "PRODUCT_SERVICE_URL": "http://127.0.0.1:9",
    "ORDER_SERVICE_URL": "http://127.0.0.1:9",
    "PAYMENT_PROVIDER_URL": "http://127.0.0.1:9",
    "SANDBOX_PUBLIC_URL": "http://127.0.0.1:9",
    # CREATE DATABASE on a machine under load takes longer than any statement of a shop may.
    "STATEMENT_SECONDS": "30",
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_PORT": "9",
    "EMAIL_FROM": "shop@example.org",
}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """A wrapper runs before pytest-django's own hook, which imports the settings."""
    interpreter.tune()
    _refuse_a_second_suite(early_config)
    stack = contextlib.ExitStack()
    stack.enter_context(running())
    if not getattr(early_config.known_args_namespace, "numprocesses", None):
        _take_hang_up()  # xdist's processes do so themselves, and go on as well
    early_config.add_cleanup(stack.close)
    _choose_redis_databases(early_config)
    yield


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Servers for this process and those below it, unless one above has started them.

    The tests run alike under nohup, in a script's background and behind a company's proxy.
    """
    _put_right()
    if MARK in os.environ:
        yield
        return
    _forget_dead_runs()
    with contextlib.ExitStack() as stack:
        environment = _start(stack)
        os.environ.update(environment)
        os.environ[MARK] = environment.get("REDIS_URL", "")
        yield


def _put_right() -> None:
    inherited.open_streams()
    inherited.set_variables()
    # Where this is set, each process of the tests rewrites the assertions of all that it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.umask(0o022)
    if MARK not in os.environ and not any(each.endswith("_DATABASE_URL") for each in os.environ):
        inherited.forget_databases()
    inherited.take_signals()


def _take_hang_up() -> None:
    """Let programs of the tests receive SIGHUP, while this process ignores it as nohup asked.

    An ignored signal stays ignored over exec, and one with a handler does not.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda number, frame: None)


def _refuse_a_second_suite(config: pytest.Config) -> None:
    """Under the root's settings, and so beside each other, the tests of services cannot run."""
    if config.rootpath != ROOT:
        return
    asked = config.known_args_namespace.file_or_dir
    paths = [Path(argument.partition("::")[0]).absolute() for argument in asked]
    for suite in SUITES[1:]:
        if any((ROOT / suite) in (path, *path.parents) for path in paths):
            raise pytest.UsageError(
                f"{suite} has settings of its own and cannot share a pytest process. "
                f"Run: pytest {suite}   (everything: python -m tests)"
            )


def _start(stack: contextlib.ExitStack) -> dict[str, str]:
    """Start what is not given; the variables of the run."""
    values = keys.generate()
    home = Path(tempfile.mkdtemp(prefix=f"techcommerce-test-{os.getpid()}-", dir=scratch.base()))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    postgres_port, redis_port = ports.any_free(2)
    started: dict[str, str] = {}
    names = [each for each in keys.SERVICES if not os.environ.get(f"{each.upper()}_DATABASE_URL")]
    if names:
        password, chosen = values["POSTGRES_PASSWORD"], binaries.choose(home)
        postgres = PostgresServer(home, postgres_port, password, chosen, is_unsafe=True)
        postgres.initialise()
        _run(stack, postgres.program(), home)
        started |= _create_databases(postgres, names, password)
    if not os.environ.get("REDIS_URL"):
        redis = RedisServer(home, redis_port, values["REDIS_PASSWORD"], find())
        _run(stack, redis.program(), home)
        started["REDIS_URL"] = started["CACHE_URL"] = redis.url(0)
    secrets = {name: value for name, value in values.items() if not name.endswith("PASSWORD")}
    return {**SETTINGS, **secrets, **started}


def _create_databases(
    server: PostgresServer, names: Iterable[str], password: str
) -> dict[str, str]:
    """Each with a role that owns it and makes the databases of the tests beside it."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for name in names:
            role, secret = sql.Identifier(name), sql.Literal(password)
            create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
            connection.execute(create.format(role, secret))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    return {f"{name.upper()}_DATABASE_URL": server.url(name, name, password) for name in names}


def _run(stack: contextlib.ExitStack, program: Program, home: Path) -> None:
    log = home / f"{program.name}.log"
    process = spawn(program, log)
    stack.callback(_end, process)
    deadline = time.monotonic() + program.ready_seconds
    while not program.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = "\n".join(last_lines(log))
            raise pytest.UsageError(f"{program.name} did not start for the tests:\n{lines}")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    """At once: the data dies with the run. SIGQUIT lets PostgreSQL end its own children."""
    process.send_signal(signal.SIGQUIT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    end_group(process.pid)
    process.wait()


def _choose_redis_databases(config: pytest.Config) -> None:
    """Two databases of its own (broker, cache) for every process of the run."""
    server = os.environ[MARK].rpartition("/")[0]
    if not server:
        return
    suite = config.inipath.parent.name if config.inipath else "root"
    number = SUITES.index(suite) if suite in SUITES else 0
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    part = int(os.environ.get("TECHCOMMERCE_TEST_PART", "0"))  # of a suite; see __main__.py
    first = number * REDIS_DATABASES_PER_SUITE + 2 * (worker + part)
    os.environ["REDIS_URL"] = f"{server}/{first}"
    os.environ["CACHE_URL"] = f"{server}/{first + 1}"


def _forget_dead_runs() -> None:
    """Delete the folders of test runs that were killed."""
    for folder in scratch.left("techcommerce-test-*-*"):
        pid = folder.name.split("-")[2]
        if pid.isdigit() and not _lives(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
