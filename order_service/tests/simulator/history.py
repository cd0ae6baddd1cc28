"""One history: a few orders, a few workers, and everything that can happen to them, by a seed.

    chaos    messages arrive out of order, twice, late or never; answers get lost; workers are
             killed between any two calls, or sleep past their lease; people cancel; time jumps
    healing  the faults end; whoever still lives goes on or dies; then the dispatcher gets all
             the time it needs

The pipeline and the dispatcher are the real ones; store, broker, stock and provider are memory.
After every single step the invariants are checked.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from greenlet import getcurrent, greenlet

from chassis.money import Money
from order_service.clients.product_service import Wanted
from order_service.dispatch import dispatcher
from order_service.dispatch.due import ORDERS, Due
from order_service.orders.states import TERMINAL, Reason
from order_service.payments.gateways.registry import Gateways
from order_service.pipeline.ports import Ports
from order_service.pipeline.together import advance_together
from order_service.tests.simulator import invariants
from order_service.tests.simulator.broker import MemoryBroker, Message
from order_service.tests.simulator.memory import MemoryStore, OrderRow
from order_service.tests.simulator.network import Network, PaymentLine, StockLine
from order_service.tests.simulator.parameters import (
    ADVANCE,
    FAULTS,
    HEALING_TURNS,
    MOST_WORKERS,
    POLICY,
    SKUS,
    STARTED,
    TOKENS,
    Killed,
    Worker,
    later,
)
from order_service.tests.simulator.provider import SimulatedProvider
from order_service.tests.simulator.world import SimulatedClock, SimulatedStock


class History:
    """Everything that happens under one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.trace: list[str] = []
        self.clock = SimulatedClock()
        self.stock = SimulatedStock(self.clock, {sku: self.random.randint(1, 9) for sku in SKUS})
        self.provider = SimulatedProvider(self.clock)
        self.store = MemoryStore(self.clock, POLICY, self._pause)
        self.store.is_one_by_one = self.random.random() < 0.2
        self.network = Network(self.random, self.clock, self._pause)
        self.network.trace = self.trace.append
        self.network.faults = FAULTS
        self.broker = MemoryBroker()
        self.ports = Ports(
            now=self.clock.now,
            stock=StockLine(self.network, self.stock),
            payments=Gateways({"sandbox": PaymentLine(self.network, self.provider)}),
            store=self.store,
            policy=POLICY,
            jitter=self.random.random,
        )
        self.workers: list[Worker] = []
        self.pace = self.random.choice((1, 0.1))  # slow: many steps within a lease
        self.kills = self.steps = 0
        self.sets = self.killed_in_sets = 0  # with two orders or more
        self._dispatcher = dispatcher.Dispatcher(self.broker)  # type: ignore[arg-type]
        self._scheduler = getcurrent()
        for number in range(self.random.randint(1, 5)):
            self._place(number)

    def run(self) -> None:
        """Raise Broken as soon as an invariant does not hold."""
        together = self.random.choice((8, 8, 8, 1))  # mostly sets of two orders or more
        take = patch.object(dispatcher, "take", self._take)
        with take, patch.object(dispatcher, "TOGETHER", together):
            for _ in range(self.random.randint(40, 240)):
                self._do(self.random.choices(ACTIONS, WEIGHTS)[0])
            self._heal()

    # What can happen.

    def deliver(self) -> None:
        """Any waiting message, not just the oldest, reaches a worker."""
        if self.broker.messages and len(self.workers) < MOST_WORKERS:
            place = self.random.randrange(len(self.broker.messages))
            self._start(self.broker.messages.pop(place))

    def go_on(self) -> None:
        awake = [worker for worker in self.workers if not worker.is_frozen]
        if awake:
            self._resume(self.random.choice(awake))

    def freeze(self) -> None:
        """SIGSTOP: a worker sleeps, perhaps past its lease, and does not know."""
        if self.workers:
            self.random.choice(self.workers).is_frozen = True

    def thaw(self) -> None:
        for worker in self.workers:
            worker.is_frozen = False

    def kill(self) -> None:
        if self.workers:
            self._kill(self.random.choice(self.workers))

    def duplicate(self) -> None:
        if self.broker.messages:
            self.broker.messages.append(self.random.choice(self.broker.messages))

    def lose(self) -> None:
        if self.broker.messages:
            self.broker.messages.pop(self.random.randrange(len(self.broker.messages)))

    def wipe(self) -> None:
        self.broker.messages.clear()

    def dispatch(self) -> None:
        self._dispatcher.turn()

    def wait_a_little(self) -> None:
        self.clock.advance(self.pace * timedelta(seconds=self.random.uniform(0.1, 3)))

    def wait_long(self) -> None:
        self.clock.advance(self.pace * timedelta(seconds=self.random.uniform(10, 60)))

    def land(self) -> None:
        if self.network.in_flight:
            self.network.land_one()

    def sweep(self) -> None:
        self.stock.sweep()

    def cancel(self) -> None:
        """Mostly one that a worker has in hand."""
        held = [each for worker in self.workers for each in worker.message.ids]
        ids = held if held and self.random.random() < 0.7 else list(self.store.rows)
        reason = self.random.choice((Reason.SHOPPER, Reason.STAFF))
        self.store.cancel(self.random.choice(ids), reason)

    def answer_bank(self) -> None:
        for reference in [each.reference for each in self.provider.list_open()]:
            self.provider.answer_shopper(reference, approved=self.random.random() < 0.7)

    # How it is made to happen.

    def _do(self, action: Callable[[History], None]) -> None:
        self.trace.append(f"{(self.clock.now() - STARTED).total_seconds():7.1f} {action.__name__}")
        self.steps += 1
        action(self)
        invariants.check(self.store, self.stock, self.provider)

    def _place(self, number: int) -> None:
        row = OrderRow(
            id=uuid.UUID(int=number + 1),
            number=f"TC-{number}",
            lines=tuple(
                Wanted(sku, self.random.randint(1, 2))
                for sku in self.random.sample(SKUS, self.random.randint(1, 2))
            ),
            total=Money(Decimal(1000 + number), "EUR"),
            payment_token=self.random.choice(TOKENS),
            next_attempt_at=self.clock.now(),
        )
        self.store.add(row)

    def _take(
        self, of: Due[Any], *, limit: int, oldest: Any, again: timedelta, waited: timedelta
    ) -> list[tuple[uuid.UUID, datetime]]:
        """What due.take does. A delivery is sent when its order ends: none is ever due."""
        if of is not ORDERS:
            return []
        now = self.clock.now()
        since = now - waited
        due = [row for row in self.store.rows.values() if _is_due(row, now, since, oldest)][:limit]
        for row in due:
            row.published_at, row.next_attempt_at = now, later(now, again)
        return [(row.id, now) for row in due]

    def _start(self, message: Message) -> None:
        name = f"worker {len(self.trace)}"
        self.sets += message.is_set
        worker = Worker(name, message, greenlet(partial(self._work, message)))
        self.workers.append(worker)
        self._resume(worker)

    def _work(self, message: Message) -> None:
        advance_together(message.ids, self.ports, self.clock.now() + ADVANCE)

    def _resume(self, worker: Worker) -> None:
        """Let the worker run to its next call."""
        at = worker.run.switch()
        self.trace.append(f"  {worker.name}: {at or 'done'}")
        if worker.run.dead:
            self.workers.remove(worker)

    def _kill(self, worker: Worker) -> None:
        self.kills += 1
        self.killed_in_sets += worker.message.is_set
        self.trace.append(f"  {worker.name} dies")
        self.workers.remove(worker)
        with suppress(Killed):
            worker.run.throw(Killed)
        if self.random.random() < 0.3:  # the broker noticed and gives the message out again
            self.broker.messages.append(worker.message)

    def _pause(self, where: str) -> None:
        """Called by a worker: hand over to the scheduler."""
        if getcurrent() is not self._scheduler:
            self._scheduler.switch(where)

    def _heal(self) -> None:
        self.trace.append("the faults end")
        self.network.faults, self.pace = 0.0, 1
        self.thaw()
        while self.workers:
            self._do(self.random.choice((History.go_on, History.go_on, History.kill)))
        while self.network.in_flight:
            self._do(History.land)
        for _ in range(HEALING_TURNS):
            if all(row.state in TERMINAL for row in self.store.rows.values()):
                break
            self._turn()
        invariants.check_end(self.store, self.stock, self.provider)

    def _turn(self) -> None:
        """A calm moment: what is due is sent, what is sent is done, and time passes."""
        for row in self.store.rows.values():
            if row.attention_at is not None:
                self.store.retry(row.id)
        for action in (History.dispatch, History.deliver, History.sweep):
            self._do(action)
        while self.workers:
            self._do(History.go_on)
        if self.random.random() < 0.2:
            self._do(History.answer_bank)
        self._do(self.random.choice((History.wait_a_little, History.wait_long)))


ACTIONS, WEIGHTS = zip(
    *{
        History.go_on: 80,
        History.deliver: 16,
        History.dispatch: 10,
        History.wait_a_little: 10,
        History.wait_long: 4,
        History.freeze: 3,
        History.kill: 3,
        History.thaw: 6,
        History.land: 4,
        History.answer_bank: 3,
        History.cancel: 3,
        History.duplicate: 2,
        History.lose: 2,
        History.sweep: 2,
        History.wipe: 1,
    }.items(),
    strict=True,
)


def _is_due(row: OrderRow, now: datetime, since: datetime, oldest: datetime | None) -> bool:
    is_announced = row.published_at is not None and oldest is not None
    if row.next_attempt_at is None or row.attention_at is not None:
        return False
    if is_announced and row.published_at >= oldest:  # type: ignore[operator]
        return False
    is_free = row.lease_until is None or row.lease_until < now
    return is_free and row.next_attempt_at <= since


def play(seed: int) -> History:
    """The whole history of a seed. Raises Broken, with the last steps in its notes."""
    history = History(seed)
    try:
        history.run()
    except Exception as error:
        error.add_note("\n".join(history.trace[-60:]))
        error.add_note(f"replay: python -m order_service.tests.simulator --seed {seed}")
        raise
    finally:
        for worker in list(history.workers):
            history._kill(worker)
    return history
