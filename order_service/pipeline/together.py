"""Many orders worked together: each walks its own way, and what they ask is asked for all at once.

Every order is taken along by `pipeline.advance`, which knows of no other order. It runs in a
greenlet, which stops at each call to the outside. When all of them have stopped, what they ask of
the database and of product_service is asked in one statement or request for all who ask the same:

    order 1   claim . reserve . move . open payment . authorize . move . ...
    order 2   claim . reserve . move . open payment . authorize . move . ...
    order 3   claim . reserve . move (out of stock)  . release . move
              one     one       one    one            threads

Calls to payment providers go out side by side, in threads; who has its answer goes on, whoever
still waits is met again later. Each question has one answer an order, a value or an exception, so
what is refused, fails or is overtaken is a matter of that order alone.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, cast

from greenlet import getcurrent, greenlet

from chassis import logs
from order_service.pipeline.pipeline import advance
from order_service.pipeline.ports import Answer, Ports, Question

log = logs.get_logger(__name__)

# One answer a question, in their order; an exception is raised to whoever asked.
AskAll = Callable[[Sequence[Any]], Sequence[Any]]

THREADS = 8
GATHER_SECONDS = 0.05  # how long those who have an answer wait for others, to go on together
pool = ThreadPoolExecutor(THREADS, thread_name_prefix="payments")


class Company:
    """Walks that go on together."""

    def __init__(self, executor: ThreadPoolExecutor | None = None) -> None:
        self._executor = executor
        self._here = getcurrent()
        self._asking: dict[AskAll, list[tuple[greenlet, Any]]] = defaultdict(list)
        self._calling: dict[Future[Any], greenlet] = {}
        self._broken: list[Exception] = []

    def run(self, walks: Iterable[Callable[[], None]]) -> list[Exception]:
        """Returns what walks raised, once all have ended."""
        for walk in walks:
            walker = greenlet(partial(self._walk, walk))
            walker.gr_context = copy_context()  # so a line of its log carries its own ids
            self._go_on(walker, None)
        while self._asking or self._calling:
            for walker, answer in list(self._answers()):
                self._go_on(walker, answer)
        return self._broken

    def ask(
        self, ask_all: Callable[[Sequence[Question]], Sequence[Answer | Exception]]
    ) -> Callable[[Question], Answer]:
        """`Ask` of those who walk in this company."""

        def ask_one(question: Question) -> Answer:
            self._asking[ask_all].append((getcurrent(), question))
            return cast("Answer", self._here.switch())

        return ask_one

    def call(self, call: Callable[[], Answer]) -> Answer:
        """For a walk: call something that nobody else asks, while others do the same."""
        in_own_context = partial(copy_context().run, call)
        if self._executor is None:
            return cast("Answer", self.ask(_in_turn)(in_own_context))
        self._calling[self._executor.submit(in_own_context)] = getcurrent()
        return cast("Answer", self._here.switch())

    def _walk(self, walk: Callable[[], None], _: Any) -> None:
        try:
            walk()
        except Exception as error:
            # What broke a question of all is told once, under the ids of the first who asked.
            if not any(error is told for told in self._broken):
                log.exception("walk broke off")
            self._broken.append(error)

    def _go_on(self, walker: greenlet, answer: Any) -> None:
        """Until it asks again, or ends."""
        if isinstance(answer, Exception):
            walker.throw(answer)
        else:
            walker.switch(answer)

    def _answers(self) -> Iterator[tuple[greenlet, Any]]:
        if self._asking:
            asking, self._asking = self._asking, defaultdict(list)
            for ask_all, asked in asking.items():
                walkers = [walker for walker, _ in asked]
                # What one alone asks is asked under its own ids, in the log and at services.
                context = walkers[0].gr_context if len(asked) == 1 else None
                ask = (context.copy() if context else copy_context()).run
                answers = ask(_answered, ask_all, [question for _, question in asked])
                yield from zip(walkers, answers, strict=True)
            return
        done, open_ = wait(self._calling, timeout=GATHER_SECONDS)
        if not done:
            done, open_ = wait(open_, return_when=FIRST_COMPLETED)
        for future in done:
            yield self._calling.pop(future), future.exception() or future.result()


def _in_turn(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    return [_answered(_made, [call])[0] for call in calls]


def _made(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    (call,) = calls
    return [call()]


def _answered(ask_all: AskAll, questions: Sequence[Any]) -> Sequence[Any]:
    try:
        return ask_all(questions)
    except Exception as error:  # noqa: BLE001  (it is raised to each who asked)
        return [error] * len(questions)


def advance_together(
    order_ids: Sequence[uuid.UUID],
    ports: Ports,
    deadline: datetime,
    executor: ThreadPoolExecutor | None = None,
) -> None:
    """Take each order as far as it goes before `deadline`, as `advance` does.

    Who was placed first asks first: ids are in that order. Orders that cannot be claimed together
    (one of them may be what its worker died of; somebody else may have it in hand) are tried after
    the others, each alone. Payments are asked in `executor`, or here one by one.

    Raises what the work on an order raised, once all others have ended.
    """
    in_order = sorted(order_ids)
    broken: list[Exception] = []
    claimed: set[uuid.UUID] = set()
    if len(in_order) > 1:
        broken += copy_context().run(
            _advance_in_company, in_order, ports, deadline, executor, claimed
        )
    for order_id in in_order:
        if order_id not in claimed and (len(in_order) == 1 or ports.now() < deadline):
            broken += copy_context().run(_advance_alone, order_id, ports, deadline)
    if broken:
        raise broken[0]


def _advance_alone(order_id: uuid.UUID, ports: Ports, deadline: datetime) -> list[Exception]:
    """Returns what it raised."""
    try:
        advance(order_id, ports, deadline)
    except Exception as error:
        log.exception("walk broke off")
        return [error]
    return []


def _advance_in_company(
    order_ids: Sequence[uuid.UUID],
    ports: Ports,
    deadline: datetime,
    executor: ThreadPoolExecutor | None,
    claimed: set[uuid.UUID],
) -> list[Exception]:
    """Adds those that could be claimed to `claimed`. Returns what was raised.

    What the set asks has a request id of its own, which each line about a member names as `set`.
    """
    logs.bind(set=logs.set_request_id(None))
    log.info("orders are worked together", orders=len(order_ids))
    company = Company(executor)
    theirs = replace(
        ports,
        stock=ports.stock.in_company(company.ask),
        store=ports.store.in_company(company.ask),
        call=company.call,
    )

    def walk(order_id: uuid.UUID) -> None:
        try:
            if advance(order_id, theirs, deadline):
                claimed.add(order_id)
        except Exception:
            claimed.add(order_id)  # it is not to break off a second time
            raise

    return company.run([partial(walk, order_id) for order_id in order_ids])
