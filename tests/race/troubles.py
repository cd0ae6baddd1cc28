"""What goes wrong in a shop while its shoppers press the pay button."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import psycopg

from tests.faults.system import System

WITHIN_SECONDS = 0.2
FROZEN_SECONDS = 2.2  # longer than the storefront waits for an answer


def nothing(system: System, chance: Random) -> None:
    """A good day."""


def order_service_frozen(system: System, chance: Random) -> None:
    member = system.members["order_service"]
    member.signal(signal.SIGSTOP)
    time.sleep(FROZEN_SECONDS)
    member.signal(signal.SIGCONT)


def one_worker_of_order_service_frozen(system: System, chance: Random) -> None:
    worker = chance.choice(system.members["order_service"].children())
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGSTOP)
        time.sleep(FROZEN_SECONDS)
        os.kill(worker, signal.SIGCONT)


def order_service_killed(system: System, chance: Random) -> None:
    system.members.kill("order_service")


def worker_of_storefront_killed(system: System, chance: Random) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(system.members["storefront"].children()), signal.SIGKILL)


def prices_changed(system: System, chance: Random) -> None:
    with psycopg.connect(system.products_database) as connection:
        connection.execute("UPDATE price SET amount = amount + 0.01 WHERE amount < 1000")


TROUBLES: tuple[Callable[[System, Random], None], ...] = (
    nothing,
    order_service_frozen,
    one_worker_of_order_service_frozen,
    order_service_killed,
    worker_of_storefront_killed,
    prices_changed,
)


@contextmanager
def meanwhile(
    trouble: Callable[[System, Random], None],
    system: System,
    seed: str,
    within_seconds: float = WITHIN_SECONDS,
) -> Iterator[None]:
    """The trouble comes at some moment of that time; afterwards everything runs again."""
    chance = Random(seed)

    def come() -> None:
        time.sleep(chance.uniform(0.0, within_seconds))
        trouble(system, chance)

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        system.members.wait_until_up("order_service", "storefront")
