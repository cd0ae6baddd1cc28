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
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
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

SERVICES = {"order_service": story.write_orders, "product_service": story.write_products}


@dataclass
class Bank:
    """A payment provider that says what a test wants it to say."""

    entries: list[dict[str, Any]] = field(default_factory=story.provider_entries)
    open: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@dataclass(frozen=True)
class Sick:
    """What is broken where, and what the audit has to say about it."""

    says: str
    service: str = "order_service"
    statement: str = ""
    entry: dict[str, Any] | None = None  # one more line in the journal
    bank: dict[str, Any] | None = None  # one more entry of the provider
    open: dict[str, Any] | None = None
    mail: str | None = None


HEALTHY = Sick(says="")
CAPTURE = {"reference": "TC-PAID", "kind": "capture", "amount": 2480, "key": "another"}
HELD = {"id": "auth_2", "reference": "TC-DECLINED", "status": "authorized"}
PAID_ANSWER = {
    "kind": "accepted",
    "shopper": "TC-PAID",
    "subject": "guest:TC-PAID",
    "key": "TC-PAID",
    "number": "TC-PAID",
    "total": "24.80",
    "expected": "24.80",
}
SEEN = {"kind": "seen", "shopper": "TC-PAID", "number": "TC-PAID"}
ANOTHER_MAIL = story.mail("TC-PAID").replace("PAID-1@", "PAID-2@")

CASES = (
    HEALTHY,
    Sick("I1 an acknowledged order is lost", entry={**PAID_ANSWER, "number": "TC-GONE"}),
    Sick("I1 a total differs", entry={**PAID_ANSWER, "total": "24.79"}),
    Sick("I2 one key, several orders", entry={**PAID_ANSWER, "number": "TC-REFUSED"}),
    Sick(
        "I2 an order without exactly one key",
        statement="DELETE FROM orders_idempotencykey WHERE key = 'TC-REFUSED'",
    ),
    Sick("I3 charged twice", bank=CAPTURE),
    Sick(
        "I3 charged another amount than is due",
        bank={**CAPTURE, "reference": "TC-REFUSED", "amount": 1},
    ),
    Sick(
        "I3 money moved for an order that does not exist", bank={**CAPTURE, "reference": "TC-GONE"}
    ),
    Sick(
        "I3 a booking that does not sum to zero",
        statement="UPDATE payments_ledgerentry SET amount = -24.79 WHERE account = 'sales'",
    ),
    Sick(
        "I3 booked is not what is due",
        statement="UPDATE payments_ledgerentry SET order_id = (SELECT id FROM orders_order"
        " WHERE number = 'TC-REFUSED')",
    ),
    Sick(
        "I3 payments do not say what the order says",
        statement="UPDATE payments_payment SET state = 'captured'",
    ),
    Sick(
        "I3 an order whose parts do not add up",
        statement="UPDATE orders_orderline SET unit_price = 19.91, total = 19.91 WHERE sku = 'HOT'",
    ),
    Sick(
        "I3 an order whose adjustments are not its sums",
        statement="INSERT INTO orders_orderadjustment (order_id, position, kind, label, amount,"
        " tax_rate, tax, source) SELECT id, 0, 'shipping', 'Standard', shipping + 1, 0.19, 0,"
        " 'standard' FROM orders_order",
    ),
    Sick(
        "I4 item differs from its movements",
        "product_service",
        "UPDATE stock_item SET on_hand = on_hand + 1",
    ),
    Sick(
        "I4 put aside is not what held reservations hold",
        "product_service",
        "UPDATE reservation SET state = 'held' WHERE state = 'released'",
    ),
    Sick(
        "I4 a reservation and its movements disagree",
        "product_service",
        "UPDATE reservation SET state = 'released' WHERE state = 'committed'",
    ),
    Sick(
        "I5 refused although enough was there",
        "product_service",
        "UPDATE reservation_line SET seen_version = 1 WHERE seen_version IS NOT NULL",
    ),
    Sick(
        "I5 refused without a short line",
        "product_service",
        "UPDATE reservation_line SET seen_version = NULL, available_seen = NULL",
    ),
    Sick(
        "I5 confirmed without its goods",
        "product_service",
        "UPDATE reservation SET state = 'released' WHERE state = 'committed'",
    ),
    Sick(
        "I5 other goods left than were ordered",
        "product_service",
        "UPDATE reservation_line SET quantity = 2 WHERE sku = 'HOT'",
    ),
    Sick(
        "I6 goods are kept for a cancelled order",
        "product_service",
        "UPDATE reservation SET state = 'held' WHERE state = 'released'",
    ),
    Sick("I6 an authorization is left authorized", open=HELD),
    Sick(
        "I6 a payment of a finished order is still open",
        statement="UPDATE payments_payment SET state = 'unknown' WHERE state = 'declined'",
    ),
    Sick(
        "I8 a move that is not allowed",
        statement="UPDATE orders_orderevent SET from_state = 'placed' WHERE to_state = 'committed'",
    ),
    Sick(
        "I8 a history with a gap",
        statement="DELETE FROM orders_orderevent WHERE to_state = 'authorized'",
    ),
    Sick(
        "I8 an order that is not where its history ends",
        statement="UPDATE orders_order SET version = 9 WHERE number = 'TC-PAID'",
    ),
    Sick(
        "I9 not terminal",
        statement="UPDATE orders_order SET state = 'committed', next_attempt_at = now()"
        " WHERE number = 'TC-PAID'",
    ),
    Sick("I10 mails of several ids", mail=ANOTHER_MAIL),
    Sick("I10 a mail that tells another end", mail=story.mail("TC-REFUSED", "confirmed")),
    Sick("I10 a mail that tells another end", mail=story.mail("TC-PAID", "cancelled")),
    Sick(
        "I10 a mail for an unfinished order",
        statement="UPDATE orders_order SET state = 'cancelling', next_attempt_at = now()"
        " WHERE number = 'TC-REFUSED'",
    ),
    Sick(
        "I10 no mail arrived",
        statement="UPDATE orders_order SET number = 'TC-OTHER' WHERE number = 'TC-DECLINED'",
    ),
    Sick(
        "I10 a finished order without exactly one mail about its end",
        statement="DELETE FROM orders_delivery WHERE event_id IN (SELECT e.id"
        " FROM orders_orderevent e JOIN orders_order o ON o.id = e.order_id"
        " WHERE o.number = 'TC-DECLINED')",
    ),
    Sick(
        "I10 a finished order without exactly one mail about its end",
        statement="DELETE FROM orders_delivery WHERE kind = 'order_confirmation'",
    ),
    Sick(
        "I10 a mail about an end that never was",
        statement="UPDATE orders_delivery SET kind = 'order_confirmation'"
        " WHERE kind = 'order_cancelled'",
    ),
    Sick("I11 an order went backwards", entry={**SEEN, "state": "placed", "timeline": ["placed"]}),
    Sick(
        "I11 a history that never was",
        entry={**SEEN, "state": "cancelling", "timeline": ["placed", "cancelling"]},
    ),
    Sick(
        "I11 a wrong answer to POST /v1/orders",
        entry={"kind": "wrong", "what": "POST /v1/orders", "status": 500},
    ),
)


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
    for number, mail in enumerate([*map(story.mail, story.PATHS), case.mail]):
        if mail:
            (tmp_path / f"{number}.eml").write_text(mail)
    sources = Sources(
        orders=Database(databases["order_service"]),
        products=Database(databases["product_service"]),
        provider=Provider.ask(bank.url, "key"),
        journal=read_journal(journal),
        mail=read_mail(tmp_path),
        drained=True,
    )
    found = {str(each).partition(":")[0] for each in violations(sources)}
    if case is HEALTHY:
        assert found == set()
    else:
        assert case.says in found
