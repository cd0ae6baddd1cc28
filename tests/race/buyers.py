"""Buyers for races and benchmarks: all at once, or a few who buy one thing after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.client import Answer, Client, Tokens
from tests.faults.journal import Journal
from tests.faults.system import System


@dataclass(frozen=True)
class Purchase:
    """One POST /v1/orders and its answer."""

    subject: str
    key: str
    body: Mapping[str, Any]
    answer: Answer

    @property
    def number(self) -> str:
        return str(self.answer.body["number"])


@dataclass(frozen=True)
class Wish:
    """What somebody is about to order."""

    subject: str
    key: str
    body: Mapping[str, Any]


def rush(system: System, wishes: Sequence[Wish]) -> list[Purchase]:
    """Everybody connects, waits for everybody, and then orders in the same moment."""
    tokens = Tokens(system.secrets["STOREFRONT_SIGNING_KEY"])

    async def run() -> list[Purchase]:
        barrier = asyncio.Barrier(len(wishes))
        return await asyncio.gather(*(one(wish, barrier) for wish in wishes))

    async def one(wish: Wish, barrier: asyncio.Barrier) -> Purchase:
        client = Client(system.shop_url, timeout_seconds=60)
        headers = {**tokens.headers(wish.subject), "Idempotency-Key": wish.key}
        await client.connect()
        await barrier.wait()
        answer = await client.request("POST", "/v1/orders", json_body=wish.body, headers=headers)
        client.close()
        return Purchase(wish.subject, wish.key, wish.body, answer)

    return asyncio.run(run())


def in_turn(system: System, wishes: Sequence[Wish], *, buyers: int) -> list[Purchase]:
    """`buyers` kept connections; each orders its share of the wishes, one after the other."""
    tokens = Tokens(system.secrets["STOREFRONT_SIGNING_KEY"])
    waiting = list(reversed(wishes))
    done: list[Purchase] = []

    async def run() -> None:
        await asyncio.gather(*(one() for _ in range(buyers)))

    async def one() -> None:
        client = Client(system.shop_url, timeout_seconds=60)
        while waiting:
            wish = waiting.pop()
            headers = {**tokens.headers(wish.subject), "Idempotency-Key": wish.key}
            answer = await client.request(
                "POST", "/v1/orders", json_body=wish.body, headers=headers
            )
            done.append(Purchase(wish.subject, wish.key, wish.body, answer))
        client.close()

    asyncio.run(run())
    return done


def overlap(purchases: Sequence[Purchase]) -> int:
    """How many requests were under way in the same moment, at most."""
    moments = [(each.answer.sent_at, 1) for each in purchases]
    moments += [(each.answer.answered_at, -1) for each in purchases]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def write_down(purchases: Sequence[Purchase], journal: Journal) -> None:
    """The acknowledged ones, for the audit."""
    for each in purchases:
        if each.answer.status == 202:
            order = each.answer.body
            journal.write(
                "accepted",
                shopper=each.subject,
                subject=each.subject,
                key=each.key,
                number=order["number"],
                total=order["total"]["amount"],
                expected=each.body["expected_total"]["amount"],
            )
