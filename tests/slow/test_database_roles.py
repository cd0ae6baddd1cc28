"""A shop whose services owned their tables gets owners of its own, with each documented command.

Such a shop is made as it was made then, on every PostgreSQL of this machine, and kept; each test
works on a copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local import keys, ports
from deploy.local.folder import ROOT
from deploy.local.servers import databases
from deploy.local.servers.binaries import Binaries
from deploy.local.servers.postgres import PostgresServer
from tests import rights
from tests.local.test_servers import INSTALLED, new_home, starter_in
from tests.slow.former_shop import (
    ADMINISTRATOR,
    SECRETS,
    found,
    make_as_before,
    manage,
    owner_url,
    runtime_url,
)

COMMAND = ROOT / "deploy" / "scripts" / "database-roles.sh"
IN_CONTAINER = ROOT / "deploy" / "kubernetes" / "components" / "data" / "databases.sh"
Change = Callable[[PostgresServer, Path], None]


@pytest.fixture(
    scope="module",
    params=INSTALLED,
    ids=lambda each: f"{each.major}-{'wheel' * each.is_embedded}",
)
def kept(request: pytest.FixtureRequest) -> Iterator[tuple[Path, Binaries]]:
    """The stopped server of such a shop."""
    with new_home() as home:
        server = _server(home, request.param)
        server.initialise()
        with starter_in(home) as start:
            process = start(server.program())
            make_as_before(server)
            process.terminate()  # and waits for its clients
            process.wait()
        yield home, request.param


@pytest.fixture
def server(kept: tuple[Path, Binaries]) -> Iterator[PostgresServer]:
    """A running copy of it."""
    source, installation = kept
    with new_home() as home, starter_in(home) as start:
        shutil.rmtree(home)
        subprocess.run(["cp", "--archive", str(source), str(home)], check=True)
        copy = _server(home, installation)
        start(copy.program())
        yield copy


def _server(home: Path, installation: Binaries) -> PostgresServer:
    password = SECRETS["POSTGRES_PASSWORD"]
    return PostgresServer(home, ports.any_free(1)[0], password, installation, is_unsafe=True)


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    """The folder that `make secrets` fills."""
    for name in (name for name in SECRETS if name.endswith("DATABASE_PASSWORD")):
        (tmp_path / name).write_text(f"{SECRETS[name]}\n")
    return tmp_path


def by_run(server: PostgresServer, passwords: Path) -> None:
    databases.ensure(server, keys.SERVICES, SECRETS)


def by_superuser(server: PostgresServer, passwords: Path) -> None:
    assert command(server, passwords, "techcommerce").returncode == 0


def by_administrator(server: PostgresServer, passwords: Path) -> None:
    """Who knows no password of a role that serves; such a role keeps its own."""
    for service in keys.SERVICES:
        (passwords / f"{service.upper()}_DATABASE_PASSWORD").unlink(missing_ok=True)
    assert command(server, passwords, ADMINISTRATOR).returncode == 0


def command(server: PostgresServer, passwords: Path, role: str) -> subprocess.CompletedProcess[str]:
    psql = ["psql", "--host=127.0.0.1", f"--port={server.port}", f"--username={role}"]
    return subprocess.run([str(COMMAND), str(passwords), *psql], env=_with_psql(server), text=True)


def _with_psql(server: PostgresServer) -> dict[str, str]:
    own = server.binaries.environment
    path = f"{server.binaries.folder}:{own['PATH']}"
    return {**os.environ, **own, "PATH": path, "PGPASSWORD": server.password}


@pytest.mark.parametrize("change", [by_run, by_superuser, by_administrator])
def test_an_existing_shop_changes_owner_and_goes_on(
    server: PostgresServer, passwords: Path, change: Change
) -> None:
    before = {service: found(server, service) for service in keys.SERVICES}
    assert "TC-PAID" in before["order_service"]["orders_order"]
    could = {each: rights.went_through(runtime_url(server, each)) for each in keys.SERVICES}
    for service in keys.SERVICES:
        assert "CREATE DATABASE" in could[service]
        for table in rights.KNOWN_HISTORIES[service]:
            assert f'ALTER TABLE "{table}" DISABLE TRIGGER USER' in could[service]
    open_before = psycopg.connect(runtime_url(server, "order_service"), autocommit=True)

    for _ in range(2):
        change(server, passwords)
        for service in keys.SERVICES:
            url = runtime_url(server, service)
            assert found(server, service) == before[service]
            assert rights.went_through(url) == []
            assert rights.lacking(url) == set()
            assert "postgres" not in rights.entered(url) or change is by_administrator
            assert not set(keys.SERVICES) & set(rights.entered(url))

    # A process that was there before goes on, with the rights of now.
    open_before.execute("UPDATE orders_order SET updated_at = updated_at")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        open_before.execute("DELETE FROM orders_orderevent")
    open_before.close()


def test_after_the_change_owners_migrate_and_others_are_told(
    server: PostgresServer, passwords: Path
) -> None:
    by_run(server, passwords)
    url = runtime_url(server, "order_service")
    with psycopg.connect(owner_url(server, "order_service")) as connection:
        connection.execute("CREATE TABLE later (id int)")
        connection.execute(
            "CREATE TRIGGER later_append_only BEFORE UPDATE OR DELETE ON later"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    assert rights.lacking(url) == {"later"}

    assert manage(server, "order_service", "migrate", "--plan", has_owner=True).returncode == 0
    assert rights.lacking(url) == {"later"}
    assert manage(server, "order_service", "migrate", has_owner=True).returncode == 0
    assert rights.lacking(url) == set()
    assert rights.went_through(url) == []

    # A release from before this change finds nothing to do, and does nothing.
    assert manage(server, "order_service", "migrate", has_owner=False).returncode == 0
    with psycopg.connect(owner_url(server, "order_service")) as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    refused = manage(server, "order_service", "migrate", has_owner=False)
    assert refused.returncode == 1
    assert "The role order_service cannot migrate: permission denied" in refused.stderr
    assert "docs/deploy.md" in refused.stderr.strip().splitlines()[-1]


def test_without_owners_a_migration_says_what_to_do(server: PostgresServer) -> None:
    refused = manage(server, "storefront", "migrate", has_owner=True)
    assert refused.returncode == 1
    last = refused.stderr.strip().splitlines()[-1]
    assert "The role storefront_owner cannot migrate: " in last
    assert "The roles of a database" in last


def test_the_demo_shop_is_removed_by_the_owner_and_by_nobody_else(
    server: PostgresServer, passwords: Path
) -> None:
    by_run(server, passwords)
    seeded = manage(server, "product_service", "seed_demo", "--products=1", has_owner=False)
    assert seeded.returncode == 0, seeded.stderr
    assert manage(server, "product_service", "remove_demo", has_owner=False).returncode != 0
    removed = manage(server, "product_service", "remove_demo", has_owner=True)
    assert (removed.returncode, removed.stdout) == (0, "Removed 1 products of the demo shop.\n")


def test_a_backup_is_made_with_the_rights_of_a_service_and_restored_into_two_roles(
    server: PostgresServer, passwords: Path
) -> None:
    by_run(server, passwords)
    before = found(server, "product_service")
    dump = passwords / "product_service.dump"
    variables = _with_psql(server)
    url = runtime_url(server, "product_service")
    subprocess.run(
        ["pg_dump", "--format=custom", "--no-owner", f"--file={dump}", url],
        env=variables,
        check=True,
    )
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE product_service WITH (FORCE)")
        connection.execute("CREATE DATABASE product_service OWNER product_service")
    restore = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error"]
    subprocess.run(
        [*restore, "--single-transaction", f"--dbname={url}", str(dump)], env=variables, check=True
    )
    assert rights.went_through(url) != []

    by_superuser(server, passwords)
    assert found(server, "product_service") == before
    assert rights.went_through(url) == []
    assert rights.lacking(url) == set()
    assert not set(keys.SERVICES) & set(rights.entered(url))


def test_an_empty_server_is_filled_as_the_container_does_it(
    server: PostgresServer, passwords: Path
) -> None:
    """Its entrypoint sources the script, with arguments that are not meant for it."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for service in keys.SERVICES:
            connection.execute(f"DROP DATABASE {service}".encode())
            connection.execute(f"DROP ROLE {service}".encode())
    variables = {
        **_with_psql(server),
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "POSTGRES_USER": "techcommerce",
        "SECRETS": str(passwords),
        "ROLES": str(databases.ROLES),
    }
    sourced = ["bash", "-c", f"set -Eeo pipefail; . {IN_CONTAINER}", "bash", "/a.sh", "/b.sh"]
    for _ in range(2):
        done = subprocess.run(sourced, env=variables, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert not any(SECRETS[name] in done.stdout for name in SECRETS)
    assert manage(server, "storefront", "migrate", has_owner=True).returncode == 0
    url = runtime_url(server, "storefront")
    assert rights.went_through(url) == []
    assert rights.entered(url) == []
    assert rights.lacking(url) == set()


def test_a_missing_password_is_named_before_anything_is_done(
    server: PostgresServer, passwords: Path
) -> None:
    (passwords / "ORDER_SERVICE_OWNER_DATABASE_PASSWORD").unlink()
    psql = ["psql", "--host=127.0.0.1", f"--port={server.port}", "--username=techcommerce"]
    done = subprocess.run(
        [str(COMMAND), str(passwords), *psql],
        env=_with_psql(server),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "has no ORDER_SERVICE_OWNER_DATABASE_PASSWORD" in done.stderr
    assert "CREATE DATABASE" in rights.went_through(runtime_url(server, "storefront"))
