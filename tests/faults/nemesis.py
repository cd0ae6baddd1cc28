"""A seeded nemesis: it kills, freezes, wipes and cuts while shoppers buy.

Two hands strike independently: one at processes every 3-6 s, one at edges of the proxy every 2-4 s.
Each draws from a shuffled deck, so a minute meets every edge and most processes. A fault is over
when its victim works again; its window is what "placed during a fault" refers to.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import redis

from tests.faults.edges import EDGES
from tests.faults.observer import Observer
from tests.faults.system import System

PROCESS_PAUSE_SECONDS = (3.0, 6.0)
EDGE_PAUSE_SECONDS = (2.0, 4.0)
LASTS_SECONDS = (1.2, 3.0)
REPAIR_SECONDS = 20.0  # a victim that is not back by then is reported as never healed

WORKERS = ("order-worker", "order-worker-2")
DISPATCHERS = ("order-dispatcher", "order-dispatcher-2")
SERVICES = ("product_service", "order_service")
# What may befall whom. "kill": the whole group; "kill child": one worker child; "freeze": SIGSTOP
# and SIGCONT; "freeze+kill": SIGSTOP, then SIGKILL; "wipe": killed, and empty when it comes back.
PROCESS_FAULTS: Mapping[str, tuple[str, ...]] = {
    "kill": (*WORKERS, *DISPATCHERS, *SERVICES, "product-sweep", "sandbox", "redis"),
    "kill child": (*WORKERS, *SERVICES),
    "freeze": (*WORKERS, *DISPATCHERS, *SERVICES, "product-sweep", "sandbox", "redis"),
    "freeze+kill": (*WORKERS, DISPATCHERS[0]),
    "wipe": ("redis",),
    "flushall": ("redis",),
    "restart": ("postgres",),
}
# The deck holds these twice, and they come early in every run, however short.
OFTEN = {("kill", "order-worker"), ("freeze+kill", "order-worker-2"), ("restart", "postgres")}
EDGE_KINDS = ("delay", "hole", "reset", "cut")


@dataclass
class Fault:
    """One strike: what, whom, when, and what was going on at that moment."""

    kind: str
    target: str
    struck_at: float  # time.time(), PostgreSQL's clock on the same machine
    in_flight: dict[str, list[str]]  # numbers of unfinished orders by state
    held: dict[str, list[str]]  # those with a running lease: somebody was at work on them
    healed_at: float | None = None
    is_edge: bool = False
    hand: asyncio.Task[None] | None = field(default=None, repr=False)

    def covers(self, moment: float) -> bool:
        return self.struck_at <= moment <= (self.healed_at or float("inf"))


class Nemesis:
    """Strikes until told to stop; `faults` is what it did."""

    def __init__(self, system: System, observer: Observer, seed: int) -> None:
        self._system, self._observer = system, observer
        self._chance = random.Random(f"{seed}-nemesis")
        self._edge_chance = random.Random(f"{seed}-edges")
        self.faults: list[Fault] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Strike with both hands until `stop`, then wait until every fault is over."""
        running = set(self._system.members.names())
        table = PROCESS_FAULTS.items()
        cards = [(kind, each) for kind, targets in table for each in targets if each in running]
        await asyncio.gather(
            self._hand(_deck(self._chance, cards), self._chance, stop, is_edge=False),
            self._hand(self._edge_deck(), self._edge_chance, stop, is_edge=True),
        )
        await asyncio.gather(*(fault.hand for fault in self.faults if fault.hand))

    def _edge_deck(self) -> Iterator[tuple[str, str]]:
        for _, edge in _deck(self._edge_chance, [("", edge) for edge in EDGES]):
            yield self._edge_chance.choice(EDGE_KINDS), edge

    async def _hand(
        self,
        deck: Iterator[tuple[str, str]],
        chance: random.Random,
        stop: asyncio.Event,
        *,
        is_edge: bool,
    ) -> None:
        pause = EDGE_PAUSE_SECONDS if is_edge else PROCESS_PAUSE_SECONDS
        while not await _stopped(stop, chance.uniform(*pause)):
            kind, target = next(deck)
            lasts, pick = chance.uniform(*LASTS_SECONDS), chance.random()
            if any(each.target == target and each.healed_at is None for each in self.faults):
                continue
            fault = await self._mark(kind, target, is_edge=is_edge)
            strike = self._break_edge if is_edge else self._strike
            fault.hand = asyncio.create_task(strike(fault, lasts, pick))

    async def _mark(self, kind: str, target: str, *, is_edge: bool) -> Fault:
        in_flight, held = await asyncio.to_thread(self._observer.in_flight)
        fault = Fault(kind, target, time.time(), in_flight, held, is_edge=is_edge)
        self.faults.append(fault)
        return fault

    async def _break_edge(self, fault: Fault, lasts: float, pick: float) -> None:
        proxy, edge = self._system.proxy, fault.target
        if fault.kind == "delay":
            proxy.set(edge, "delay", seconds=0.05 + pick / 2)
        elif fault.kind == "cut":
            # A database conversation is many answers: losing each one would be a plain reset.
            proxy.set(edge, "cut", share=0.1 if "postgres" in edge or "redis" in edge else 0.7)
        else:
            proxy.set(edge, fault.kind)
        await asyncio.sleep(lasts)
        proxy.set(edge, "pass")
        fault.healed_at = time.time()

    async def _strike(self, fault: Fault, lasts: float, pick: float) -> None:
        member = self._system.members[fault.target]
        match fault.kind:
            case "kill":
                self._system.members.kill(fault.target, hold=True)
                await asyncio.sleep(lasts)
            case "kill child":
                if children := sorted(member.children()):
                    _kill(children[int(pick * len(children))])
            case "freeze" | "freeze+kill":
                member.signal(signal.SIGSTOP)
                await asyncio.sleep(lasts)
                number = signal.SIGCONT if fault.kind == "freeze" else signal.SIGKILL
                member.signal(number)
            case "flushall":
                await asyncio.to_thread(self._flush)
            case "wipe":
                self._system.members.kill(fault.target, hold=True)
                await asyncio.sleep(lasts)
                self._system.members.release(fault.target)
                await asyncio.to_thread(self._flush)
            case "restart":
                # Immediate shutdown: no checkpoint, recovery from the log at the next start.
                member.process.send_signal(signal.SIGQUIT)
        self._system.members.release(fault.target)
        await self._until_back(fault)

    async def _until_back(self, fault: Fault) -> None:
        await asyncio.sleep(0.1)
        member, until = self._system.members[fault.target], time.monotonic() + REPAIR_SECONDS
        while time.monotonic() < until:
            if await asyncio.to_thread(lambda: member.is_up):
                fault.healed_at = time.time()
                return
            await asyncio.sleep(0.1)

    def _flush(self) -> None:
        self._system.members.wait_until_up("redis")
        with redis.Redis.from_url(self._system.redis_url, socket_timeout=5) as client:
            client.flushall()


def _deck(chance: random.Random, cards: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Cards in random order for ever, each round complete before the next begins."""
    first = [card for card in cards if card in OFTEN]
    chance.shuffle(first)
    yield from first
    while True:
        chance.shuffle(cards)
        yield from list(cards)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have ended on its own a moment ago
        os.kill(pid, signal.SIGKILL)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Sleep; True as soon as `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
