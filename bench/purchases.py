"""Whole purchases through the storefront's forms, by 8 buyers, until the last one is confirmed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from bench.meter import Meter, Used
from tests import purchase
from tests.faults.client import Client, NoAnswer
from tests.faults.figures import quantile
from tests.faults.observer import Observer
from tests.purchase import NotPlaced, Placed
from tests.shop import Shop

BUYERS = 8
COUNT = 120
LONGEST_SECONDS = 120.0
CONFIRMED = "SELECT count(*) FROM orders_order WHERE state = 'confirmed' AND number = ANY(%s)"


@dataclass(frozen=True)
class Purchases:
    """What came of a few purchases. The rates count from the first request of all."""

    failures: Sequence[str]  # what stopped those that came to no order
    accepted_per_second: float
    confirmed_per_second: float
    whole_p50_ms: float  # from the first request of a purchase to the answer of its last
    place_p50_ms: float
    place_p99_ms: float
    used: Used  # for each purchase, until the last one is confirmed


def purchases(shop: Shop, name: str, skus: Sequence[str], *, count: int = COUNT) -> Purchases:
    """`count` purchases of one piece by 8 buyers, the SKUs in turn; all placed are confirmed."""
    observer, meter = Observer(shop.orders_database), Meter(shop.members)
    wanted = [(skus[n % len(skus)], f"bench-{name}-{n}@example.org") for n in range(count)]
    began = time.monotonic()
    placed, failures = asyncio.run(_buy(shop.url, wanted))
    if not placed:
        raise RuntimeError(f"{name}: nobody could buy anything: {failures[0]}")
    placing = time.monotonic() - began
    if observer.decide(LONGEST_SECONDS) is None:
        raise RuntimeError(f"{name}: not decided within {LONGEST_SECONDS:.0f} s")
    deciding = time.monotonic() - began
    used = meter.each(len(placed))
    _require_confirmed(shop.orders_database, [each.number for each in placed])
    if observer.drain(LONGEST_SECONDS) is None:  # or its mails would be sent at the cost of others
        raise RuntimeError(f"{name}: the mails were not sent within {LONGEST_SECONDS:.0f} s")
    whole = [sum(each.seconds.values()) for each in placed]
    last = [each.seconds["place"] for each in placed]
    return Purchases(
        failures=failures,
        accepted_per_second=len(placed) / placing,
        confirmed_per_second=len(placed) / deciding,
        whole_p50_ms=quantile(whole, 0.5) * 1000,
        place_p50_ms=quantile(last, 0.5) * 1000,
        place_p99_ms=quantile(last, 0.99) * 1000,
        used=used,
    )


async def _buy(url: str, wanted: Sequence[tuple[str, str]]) -> tuple[list[Placed], list[str]]:
    """Each buyer keeps a connection, and is a new visitor for each purchase."""
    waiting, placed, failures = list(reversed(wanted)), list[Placed](), list[str]()

    async def buyer() -> None:
        client = Client(url, timeout_seconds=60)
        while waiting:
            sku, email = waiting.pop()
            try:
                placed.append(await purchase.buy(client, sku, email=email))
            except (NotPlaced, NoAnswer) as error:
                failures.append(str(error))
        client.close()

    await asyncio.gather(*(buyer() for _ in range(min(BUYERS, len(wanted)))))
    return placed, failures


def _require_confirmed(database: str, numbers: Sequence[str]) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute(CONFIRMED, [numbers]).fetchone()
    if row != (len(numbers),):
        raise RuntimeError(f"{row} of {len(numbers)} purchases were confirmed")


def median(runs: Sequence[Purchases]) -> Purchases:
    """The run in the middle by CPU time, whole: its parts belong together."""
    return sorted(runs, key=lambda run: run.used.machine)[len(runs) // 2]
