"""The audit is silent about a healthy shop and names each thing that is wrong with a sick one.

Every case breaks the same three orders in one place, in a transaction that is rolled back. Triggers
and checks would refuse some of it, so they are switched off here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from deploy.local.folder import ROOT
from tests.faults import story
from tests.faults.audit.__main__ import Sources, violations
from tests.faults.audit.evidence import (
    Database,
    Provider,
    Row,
    read_journal,
    read_mail,
)
from tests.faults.sick import CASES, HEALTHY, Bank, Sick

SERVICES = {"order_service": story.write_orders, "product_service": story.write_products}
TABLES = """SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
CHECKS = """SELECT t.relname AS table, conname AS name FROM pg_constraint
    JOIN pg_class t ON t.oid = conrelid
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""


@pytest.fixture
def bank() -> Iterator[Bank]:
    bank = Bank()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept = {"/ledger": {"entries": bank.entries}}
            kept["/authorizations"] = {"authorizations": bank.open}
            content = json.dumps(kept[urlsplit(self.path).path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        bank.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield bank
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def templates() -> Iterator[dict[str, str]]:
    """For each service the URL of a database that holds the story, and takes any damage."""
    urls = {}
    for service, write in SERVICES.items():
        variable = f"{service.upper()}_DATABASE_URL"
        url = fresh(os.environ[variable], f"audit_story_{os.getpid()}")
        subprocess.run(
            [sys.executable, "manage.py", service, "migrate", "--verbosity=0"],
            cwd=ROOT,
            env={**os.environ, variable: url},
            check=True,
        )
        write(url)
        with psycopg.connect(url, row_factory=dict_row) as connection:
            switch_off(connection)
        urls[service] = url
    yield urls
    for url in urls.values():
        drop(url)


@pytest.fixture
def databases(templates: dict[str, str]) -> Iterator[dict[str, psycopg.Connection[Row]]]:
    """Connections whose changes are taken back after the test."""
    opened = {
        service: psycopg.connect(url, row_factory=dict_row) for service, url in templates.items()
    }
    yield opened
    for connection in opened.values():
        connection.rollback()
        connection.close()


def fresh(url: str, suffix: str) -> str:
    """A new database beside the one of `url`; its URL."""
    name = f"{urlsplit(url).path.strip('/')}_{suffix}"
    query = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    with psycopg.connect(server(url), autocommit=True) as connection:
        connection.execute(query)
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def drop(url: str) -> None:
    name = sql.Identifier(urlsplit(url).path.strip("/"))
    with psycopg.connect(server(url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def server(url: str) -> str:
    return urlsplit(url)._replace(path="/postgres").geturl()


def switch_off(connection: psycopg.Connection[Row]) -> None:
    """Every trigger of ours and every check: what they would refuse is what the audit must see."""
    for table in connection.execute(TABLES).fetchall():
        off = sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER")
        connection.execute(off.format(sql.Identifier(table["name"])))
    for check in connection.execute(CHECKS).fetchall():
        cut = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        connection.execute(cut.format(*map(sql.Identifier, check.values())))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says or "healthy")
def test_audit_names_what_is_wrong(
    case: Sick, databases: dict[str, psycopg.Connection[Row]], bank: Bank, tmp_path: Path
) -> None:
    if case.statement:
        databases[case.service].execute(case.statement.encode())
    bank.entries += [case.bank] if case.bank else []
    bank.open += [case.open] if case.open else []
    journal = tmp_path / "journal.jsonl"
    journal.write_text(story.as_lines(story.journal() + ([case.entry] if case.entry else [])))
    to_owner = story.owners_mail() if case.is_owner_told else None
    for number, mail in enumerate([*map(story.mail, story.PATHS), to_owner, case.mail]):
        if mail:
            (tmp_path / f"{number}.eml").write_text(mail)
    sources = Sources(
        orders=Database(databases["order_service"]),
        products=Database(databases["product_service"]),
        provider=Provider.ask(bank.url, "key"),
        journal=read_journal(journal),
        mail=read_mail(tmp_path),
        drained=True,
        owner=story.OWNER,
    )
    found = {str(each).partition(":")[0] for each in violations(sources)}
    if case is HEALTHY:
        assert found == set()
    else:
        assert case.says in found
        assert case.is_silent_about not in found
