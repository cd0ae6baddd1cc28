"""The drill: a shop at work is backed up, loses its databases and is restored to one instant.

The payment provider and the mailbox are others' servers: they go on, and know more than the
restored shop. Everything goes by the documented commands, deploy/scripts/backup.sh and restore.sh.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from deploy.local.folder import ROOT
from tests.faults.audit.__main__ import Sources, violations
from tests.faults.audit.evidence import Database, Provider
from tests.faults.client import Tokens
from tests.faults.journal import Journal
from tests.faults.shoppers import Shop, Shopper
from tests.faults.system import SHORT_TIMES, System

SCRIPTS = ROOT / "deploy" / "scripts"
SHOPPERS = 8
SEED = 12
ENOUGH = 12  # orders before the backup, between it and the instant, after the instant
PATIENCE_SECONDS = 120.0  # of a busy machine
OTHERS = ("sandbox", "mailbox", "redis")  # they go on
UNFINISHED = """
    SELECT number, state, attempts, failures, last_error FROM orders_order
    WHERE state NOT IN ('confirmed', 'cancelled')
    UNION ALL
    SELECT key, 'unsent mail', attempts, unanswered, last_error FROM orders_delivery
    WHERE sent_at IS NULL"""
DRIFTS = "SELECT kind, reference, details FROM audit_drift WHERE repaired_at IS NULL"


class BackedUp(System):
    """A shop that lies as that of `make run` does, and archives its WAL."""

    def __init__(self) -> None:
        super().__init__(hot={}, times={**SHORT_TIMES, "RECONCILE_SECONDS": "2"}, has_proxy=False)
        self.backups = self._base / "backups"
        self._postgres = replace(
            self._postgres, home=self.folder.server_home, is_unsafe=False, backups=self.backups
        )
        lines = (f"{name}={value}\n" for name, value in self.secrets.items())
        self.folder.secrets.write_text("".join(lines))
        self.folder.write("ports", self.ports)

    @property
    def data(self) -> Path:
        return self._postgres.data

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self.folder.server_home, ignore_errors=True)

    def command(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One of the documented commands, as the operator types it."""
        folders = {"RUN_FOLDER": str(self.folder.path), "BACKUP_FOLDER": str(self.backups)}
        return subprocess.run(
            [str(SCRIPTS / script), *arguments],
            env={**os.environ, **folders, "PYTHON": str(ROOT / ".venv" / "bin" / "python")},
            capture_output=True,
            text=True,
        )

    def ask(self, url: str, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    @property
    def provider(self) -> Provider:
        return Provider.ask(self.provider_url, self.secrets["PAYMENT_PROVIDER_KEY"])


@pytest.fixture
def system() -> Iterator[BackedUp]:
    with BackedUp() as running:
        yield running


async def until(holds: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """The condition is looked at while shoppers go on."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < limit, f"still not {what if isinstance(what, str) else what()}"
        await asyncio.sleep(0.1)


class Drill:
    def __init__(self, system: BackedUp, journal: Journal) -> None:
        self._system = system
        self._journal = journal
        tokens = Tokens(system.secrets["STOREFRONT_SIGNING_KEY"])
        shop = Shop(system.shop_url, tokens, journal)
        self._shoppers = [Shopper(shop, SEED, number) for number in range(SHOPPERS)]

    async def until_wiped(self) -> datetime:
        """Orders, a backup meanwhile, an instant, more orders, and the databases are gone."""
        stop = asyncio.Event()
        buying = [asyncio.create_task(each.run(stop)) for each in self._shoppers]
        await self._more_orders()
        backup = await asyncio.to_thread(self._system.command, "backup.sh")
        assert backup.returncode == 0, backup.stderr
        print(backup.stdout)
        await asyncio.sleep(1.1)  # the label of a backup knows whole seconds
        await self._more_orders()
        instant = datetime.now(UTC)
        await self._more_orders()
        before = len(self._system.provider.entries)
        await until(lambda: len(self._system.provider.entries) > before + ENOUGH, "money moves")
        # What archive_timeout does by itself after at most 45 s.
        switched = self._system.ask(
            self._system.server_database, "SELECT pg_walfile_name(pg_switch_wal()) AS name"
        )
        file = self._system.backups / "wal" / f"{switched[0]['name']}.gz"
        await until(file.exists, "the WAL is archived")
        for name in self._system.members.names():
            if name not in OTHERS:
                self._system.members.kill(name, hold=True)
        stop.set()
        await asyncio.gather(*(asyncio.wait_for(each, PATIENCE_SECONDS) for each in buying))
        return instant

    async def _more_orders(self) -> None:
        wanted = len(self._journal.numbers()) + ENOUGH
        await until(lambda: len(self._journal.numbers()) >= wanted, f"{wanted} orders")


def restored(system: BackedUp, instant: datetime) -> None:
    """The documented way, the wrong turn included; prints how long it took."""
    refused = system.command("restore.sh", instant.isoformat())
    assert refused.returncode == 2, refused.stdout
    assert "is not empty" in refused.stderr
    shutil.rmtree(system.data)
    began = time.monotonic()
    done = system.command("restore.sh", instant.isoformat())
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    for name in system.members.names():
        system.members.release(name)
    system.members.wait_until_up()
    print(f"RTO: the shop serves {time.monotonic() - began:.1f} s after the restore began")
    last = datetime.fromisoformat(re.findall(r"Its last change is of (\S+ \S+)", done.stdout)[0])
    print(f"     its last change lies {(instant - last).total_seconds():.2f} s before the instant")
    assert last <= instant


def wait_until(holds: Callable[[], bool], what: str | Callable[[], str]) -> None:
    asyncio.run(until(holds, what))


def test_a_shop_is_restored_to_an_instant_and_what_came_after_it_is_listed(
    system: BackedUp, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    (timeout,) = system.ask(
        system.server_database,
        "SELECT setting::int AS seconds FROM pg_settings WHERE name = 'archive_timeout'",
    )
    assert 0 < timeout["seconds"] < 60
    print(f"RPO: {timeout['seconds']} s, by archive_timeout, and the copying of one segment")

    instant = asyncio.run(Drill(system, journal).until_wiped())
    restored(system, instant)
    orders_url, products_url = system.orders_database, system.products_database
    unfinished = partial(system.ask, orders_url, UNFINISHED)
    wait_until(lambda: not unfinished(), lambda: f"decided: {unfinished()}")
    numbers = {row["number"] for row in system.ask(orders_url, "SELECT number FROM orders_order")}

    told = list(journal.of("accepted"))
    kept = {row["number"] for row in told if row["at"] < instant.timestamp()}
    lost = {row["number"] for row in told} - numbers
    assert kept <= numbers
    assert len(lost) >= ENOUGH / 2
    provider = system.provider
    taken = {row["reference"] for row in provider.entries if row["kind"] == "capture"} - numbers
    held = {row["reference"] for row in provider.open} - numbers
    assert len(taken) >= 3
    moved = {row["reference"] for row in provider.entries} - numbers

    # The books agree up to the instant: all that differs is of orders that came after it.
    before = [
        row
        for kind in ("accepted", "seen")
        for row in journal.of(kind)
        if row["at"] < instant.timestamp()
    ]
    orders, products = Database.at(orders_url), Database.at(products_url)
    sources = Sources(orders, products, provider, journal=before, mail=None, drained=True)
    found = list(violations(sources))
    orders.close()
    products.close()
    differing = {each.ids.get("reference") or each.ids.get("number") for each in found}
    assert [each for each in found if each.invariant not in ("I3", "I6")] == []
    assert differing == moved | held
    system.manage("product_service", "check_stock")

    # And each of these that took or holds money is a drift that a person finds in the back office.
    def listed() -> dict[str, set[str]]:
        rows = system.ask(orders_url, DRIFTS)
        kinds = ("payment_taken", "payment_unknown")
        return {k: {r["details"]["order"] for r in rows if r["kind"] == k} for k in kinds}

    expected = {"payment_taken": taken, "payment_unknown": held}
    wait_until(lambda: listed() == expected, lambda: f"{listed()} is {expected}")
    print(
        f"{len(kept)} orders accepted before the instant are there, {len(lost)} later ones not; "
        f"of these {len(taken)} were paid and {len(held)} hold money: each is a drift"
    )
