"""A shop whose services own their tables, as it was made before there were owners of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
from psycopg import sql

from deploy.local import keys
from deploy.local.folder import ROOT
from deploy.local.servers import databases
from deploy.local.servers.postgres import PostgresServer
from tests.faults import story

SECRETS = keys.generate()
ADMINISTRATOR = "administrator"  # of a managed server, who is no superuser
CONTENT = {"product_service": story.write_products, "order_service": story.write_orders}
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
CONTENT_OF = "SELECT coalesce(string_agg(t::text, ',' ORDER BY t::text), '') FROM {} t"


def manage(
    server: PostgresServer, service: str, *arguments: str, has_owner: bool
) -> subprocess.CompletedProcess[str]:
    urls = databases.urls(server, keys.SERVICES, SECRETS)
    if has_owner:
        urls |= databases.urls(server, keys.SERVICES, SECRETS, as_owner=True)
    command = [sys.executable, "manage.py", service, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **urls}, capture_output=True, text=True
    )


def runtime_url(server: PostgresServer, service: str) -> str:
    return databases.urls(server, [service], SECRETS)[f"{service.upper()}_DATABASE_URL"]


def owner_url(server: PostgresServer, service: str) -> str:
    return databases.urls(server, [service], SECRETS, as_owner=True)[
        f"{service.upper()}_OWNER_DATABASE_URL"
    ]


def found(server: PostgresServer, service: str) -> dict[str, str]:
    """The rows of each table."""
    with psycopg.connect(server.url(service)) as connection:
        tables = [row[0] for row in connection.execute(TABLES)]
        rows = (sql.SQL(CONTENT_OF).format(sql.Identifier(table)) for table in tables)
        return {
            table: connection.execute(query).fetchone()[0]  # type: ignore[index]
            for table, query in zip(tables, rows, strict=True)
        }


def make_as_before(server: PostgresServer) -> None:
    """One role a service, which owns its database and may create others."""
    password = sql.Literal(server.password)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        create = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}")
        connection.execute(create.format(sql.Identifier(ADMINISTRATOR), password))
    url = server.url("postgres", ADMINISTRATOR)
    with psycopg.connect(url, autocommit=True) as connection:
        for service in keys.SERVICES:
            name = sql.Identifier(service)
            own = sql.Literal(SECRETS[f"{service.upper()}_DATABASE_PASSWORD"])
            for statement in (
                "CREATE ROLE {0} LOGIN CREATEDB PASSWORD {1}",
                "GRANT {0} TO CURRENT_USER",
                "CREATE DATABASE {0} OWNER {0}",
                "REVOKE CONNECT ON DATABASE {0} FROM PUBLIC",
                "REVOKE {0} FROM CURRENT_USER",
            ):
                connection.execute(sql.SQL(statement).format(name, own))
    for service in keys.SERVICES:
        done = manage(server, service, "migrate", "--verbosity=0", has_owner=False)
        assert done.returncode == 0, done.stderr
        if service in CONTENT:
            CONTENT[service](runtime_url(server, service))
