"""What a role that serves may not do in its database, tried through a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

KNOWN_HISTORIES = {
    "storefront": set(),
    "product_service": {"stock_movement"},
    "order_service": {"orders_orderevent", "payments_ledgerentry", "payments_paymentevent"},
}
ANYWHERE = (
    "CREATE TABLE more ()",
    "CREATE TEMPORARY TABLE more ()",
    "CREATE SCHEMA more",
    "CREATE VIEW more AS SELECT 1",
    "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION pg_trgm",
    "CREATE ROLE more",
    "ALTER ROLE {role} CREATEDB",
    "GRANT {owner} TO {role}",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "SET session_replication_role = replica",
    "ALTER DATABASE {role} OWNER TO {role}",
    "ALTER SCHEMA public OWNER TO {role}",
    "REASSIGN OWNED BY {owner} TO {role}",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('more', 'more', now())",
    "DELETE FROM django_migrations",
)
ON_A_TABLE = (
    "TRUNCATE {table} CASCADE",
    "DROP TABLE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} OWNER TO {role}",
    "ALTER TABLE {table} ADD more int",
    "CREATE INDEX more ON {table} ((1))",
    "CREATE TRIGGER more BEFORE INSERT ON {table} FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
)
ON_A_HISTORY = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
)
HISTORIES = """
SELECT DISTINCT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_proc f ON f.oid = tgfoid
WHERE f.prosrc LIKE '%append-only%'
"""
TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
COLUMN = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1"
LACKING = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT (
    has_table_privilege(oid, 'SELECT')
    AND (relname = 'django_migrations' OR has_table_privilege(oid, 'INSERT'))
    AND (relname = 'django_migrations' OR relname = ANY (%s)
         OR has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')))
"""


def went_through(url: str) -> list[str]:
    """Statements that the role of `url` should be refused and is not; nothing of them stays."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '5s'")
        done = [each for each in _statements(connection) if not _is_refused(connection, each)]
        shown = [each.as_string(connection) for each in done]
        return shown + ["CREATE DATABASE"] * _may_create_a_database(connection)


def entered(url: str) -> list[str]:
    """Databases beside its own that let the role of `url` in."""
    with psycopg.connect(url) as connection:
        names = _rows(connection, "SELECT datname FROM pg_database WHERE datallowconn")
    return [name for (name,) in names if _opens(url, name)]


def lacking(url: str) -> set[str]:
    """Tables whose rows the role of `url` cannot read and write as the services do."""
    with psycopg.connect(url) as connection:
        known = sorted(histories(connection))
        return {name for (name,) in _rows(connection, LACKING, known)}


def histories(connection: psycopg.Connection) -> set[str]:
    """Tables with a trigger whose code says that they are append-only, whatever it is called."""
    return {table for table, _ in _rows(connection, HISTORIES)}


def _statements(connection: psycopg.Connection) -> Iterator[sql.Composed]:
    role = connection.info.user
    names = {"role": sql.Identifier(role), "owner": sql.Identifier(f"{role}_owner")}
    for text in ANYWHERE:
        yield sql.SQL(text).format(**names)
    for (table,) in _rows(connection, TABLES):
        for text in ON_A_TABLE:
            yield sql.SQL(text).format(table=sql.Identifier(table), **names)
    for table in histories(connection):
        ((column,),) = _rows(connection, COLUMN, table)
        for text in ON_A_HISTORY:
            yield sql.SQL(text).format(table=sql.Identifier(table), column=sql.Identifier(column))
    for table, trigger in _rows(connection, TRIGGERS):
        drop = sql.SQL("DROP TRIGGER {} ON {}")
        yield drop.format(sql.Identifier(trigger), sql.Identifier(table))


def _is_refused(connection: psycopg.Connection, statement: sql.Composed) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.Error:
        return False  # the role may; something else stood in its way
    return False


def _may_create_a_database(connection: psycopg.Connection) -> bool:
    """Tried for itself: no transaction takes it back."""
    try:
        connection.execute("CREATE DATABASE more")
    except psycopg.errors.InsufficientPrivilege:
        return False
    connection.execute("DROP DATABASE more")
    return True


def _opens(url: str, database: str) -> bool:
    """Whether another database than its own lets the role of `url` in."""
    address = urlsplit(url)
    if address.path == f"/{database}":
        return False
    try:
        psycopg.connect(urlunsplit(address._replace(path=f"/{database}"))).close()
    except psycopg.OperationalError as error:
        return "permission denied for database" not in str(error)
    return True


def _rows(connection: psycopg.Connection, query: str, *values: object) -> list[tuple[str, ...]]:
    return connection.execute(query.encode(), values or None).fetchall()
