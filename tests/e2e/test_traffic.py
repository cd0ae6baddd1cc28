"""The shoppers of `make traffic` in the real shop."""

from __future__ import annotations

import threading
import time

import pytest

from deploy.local.traffic import shopper as traffic
from deploy.local.traffic.shopper import (
    CANCELLED,
    CONFIRMED,
    ERRORS,
    NO_ANSWER,
    NOT_FOUND,
    ORDERS,
    Shopper,
    Tally,
)

LONGEST_SECONDS = 120.0
EXPECTED = (ORDERS, CONFIRMED, CANCELLED, NOT_FOUND)


def test_shoppers_buy_and_sometimes_get_lost(
    base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "CARDS", {"tok_approve": 1, "tok_decline": 1})
    monkeypatch.setattr(traffic, "THINKING", (0.0, 0.2))  # they need not look like people
    tally, stop = Tally(), threading.Event()
    shoppers = [
        threading.Thread(target=Shopper(base_url, tally, stop, str(number)).run)
        for number in range(3)
    ]
    for shopper in shoppers:
        shopper.start()
    deadline = time.monotonic() + LONGEST_SECONDS
    while not all(tally[name] for name in EXPECTED) and time.monotonic() < deadline:
        time.sleep(0.2)
    stop.set()
    for shopper in shoppers:
        shopper.join()
    assert [name for name in EXPECTED if not tally[name]] == []
    assert [tally[ERRORS], tally[NO_ANSWER]] == [0, 0]
