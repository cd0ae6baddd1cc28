"""What a history is made of: its times, its shoppers' wishes and its workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from greenlet import greenlet

from order_service.pipeline.ports import Policy
from order_service.tests.simulator.broker import Message
from order_service.tests.simulator.provider import APPROVE, CAPTURE_DECLINE, CONFIRM, DECLINE
from order_service.tests.simulator.world import SimulatedClock

TOKENS = (APPROVE, APPROVE, APPROVE, CONFIRM, DECLINE, CAPTURE_DECLINE)
SKUS = ("KETTLE", "MUG")
MOST_WORKERS = 4
FAULTS = 0.15  # share of calls
HEALING_TURNS = 400
POLICY = Policy(
    lease=timedelta(seconds=20),
    grace=timedelta(seconds=5),
    retry=timedelta(seconds=5),
    retry_max=timedelta(seconds=60),
    reservation=timedelta(seconds=90),
    awaiting_shopper=timedelta(seconds=60),
)
ADVANCE = timedelta(seconds=15)


class Killed(BaseException):
    """SIGKILL: nothing of the worker's code runs any more."""


@dataclass
class Worker:
    """A process with one message in its hands."""

    name: str
    message: Message
    run: greenlet
    is_frozen: bool = False


STARTED = SimulatedClock().now()


def later(now: datetime, delay: timedelta) -> datetime:
    """`now + delay`, or the end of time."""
    try:
        return now + delay
    except OverflowError:
        return datetime.max.replace(tzinfo=now.tzinfo)
