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

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any, TypeVar, cast

from greenlet import getcurrent, greenlet

from chassis import logs

log = logs.get_logger(__name__)

Question = TypeVar("Question")
Answer = TypeVar("Answer")
# One answer a question, in their order; an exception is raised to whoever asked.
AskAll = Callable[[Sequence[Any]], Sequence[Any]]

THREADS = 8
GATHER_SECONDS = 0.05  # how long those who have an answer wait for others, to go on together
pool = ThreadPoolExecutor(THREADS, thread_name_prefix="payments")


class Company:
    """Walks that go on together. `run` returns when each has ended."""

    def __init__(self, executor: ThreadPoolExecutor | None = None) -> None:
        self._executor = executor
        self._here = getcurrent()
        self._asking: dict[AskAll, list[tuple[greenlet, Any]]] = defaultdict(list)
        self._calling: dict[Future[Any], greenlet] = {}
        self._broken: list[Exception] = []

    def run(self, walks: Iterable[Callable[[], None]]) -> None:
        """Raises what a walk raised, once all others have ended."""
        for walk in walks:
            walker = greenlet(walk)
            walker.gr_context = copy_context()
            self._go_on(walker, None)
        while self._asking or self._calling:
            for walker, answer in list(self._answers()):
                self._go_on(walker, answer)
        if self._broken:
            raise self._broken[0]

    def ask(self, ask_all: Callable[[Sequence[Question]], Sequence[Answer | Exception]]) -> Any:
        """For a walk: the function that asks one question, and answers or raises."""

        def ask_one(question: Question) -> Answer:
            self._asking[ask_all].append((getcurrent(), question))
            return cast("Answer", self._here.switch())

        return ask_one

    def call(self, function: Callable[[], Answer]) -> Answer:
        """For a walk: call something that nobody else asks, while others do the same."""
        if self._executor is None:
            return function()
        self._calling[self._executor.submit(copy_context().run, function)] = getcurrent()
        return cast("Answer", self._here.switch())

    def _go_on(self, walker: greenlet, answer: Any) -> None:
        """Until it asks again, or ends."""
        try:
            if isinstance(answer, Exception):
                walker.throw(answer)
            else:
                walker.switch(answer)
        except Exception as error:
            log.exception("walk broke off")
            self._broken.append(error)

    def _answers(self) -> Iterator[tuple[greenlet, Any]]:
        if self._asking:
            asking, self._asking = self._asking, defaultdict(list)
            for ask_all, asked in asking.items():
                answers = _answered(ask_all, [question for _, question in asked])
                yield from zip((walker for walker, _ in asked), answers, strict=True)
            return
        done, open_ = wait(self._calling, timeout=GATHER_SECONDS)
        if not done:
            done, open_ = wait(open_, return_when=FIRST_COMPLETED)
        for future in done:
            yield self._calling.pop(future), future.exception() or future.result()


def _answered(ask_all: AskAll, questions: Sequence[Any]) -> Sequence[Any]:
    try:
        return ask_all(questions)
    except Exception as error:
        return [error] * len(questions)
