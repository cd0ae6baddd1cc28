"""The databases of a server of our own: each with an owner, who migrates, and a role that serves.

The statements are those of the cluster's PostgreSQL: deploy/kubernetes/components/data/roles.sql,
then the rights on the tables that are there. A shop whose runtime roles owned everything is changed
by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from deploy.local.folder import ROOT
from deploy.local.servers.postgres import PostgresServer

ROLES = ROOT / "deploy" / "kubernetes" / "components" / "data" / "roles.sql"
RIGHTS = ROOT / "chassis" / "rights.sql"


def ensure(server: PostgresServer, services: Iterable[str], secrets: Mapping[str, str]) -> None:
    """Databases with their roles; what is right already stays as it is.

    `secrets` has <SERVICE>_DATABASE_PASSWORD and <SERVICE>_OWNER_DATABASE_PASSWORD.
    """
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for service in set(services) - known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(service)))
    for service in services:
        settings = {
            "shop.runtime": service,
            "shop.password": secrets[f"{service.upper()}_DATABASE_PASSWORD"],
            "shop.owner_password": secrets[f"{service.upper()}_OWNER_DATABASE_PASSWORD"],
        }
        with psycopg.connect(server.url(service)) as connection:
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, true)", (name, value))
            for file in (ROLES, RIGHTS):
                connection.execute(file.read_bytes())


def urls(
    server: PostgresServer,
    services: Iterable[str],
    secrets: Mapping[str, str],
    *,
    as_owner: bool = False,
) -> dict[str, str]:
    """The variables by which services find their databases, as roles that serve; or `migrate`, as
    owners.
    """
    roles = {each: f"{each}_owner" if as_owner else each for each in services}
    return {
        f"{role.upper()}_DATABASE_URL": server.url(
            service, role, secrets[f"{role.upper()}_DATABASE_PASSWORD"]
        )
        for service, role in roles.items()
    }
