"""`make traffic`: simulated shoppers in the running shop, so that its figures say something.

make traffic ARGS="--seconds 60 --shoppers 2"
make traffic ARGS="--url http://192.0.2.10:30000"     a shop in a cluster
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import requests

from deploy.local.failures import Expected
from deploy.local.folder import RunFolder
from deploy.local.terminal import say
from deploy.local.traffic.shopper import ERRORS, NO_ANSWER, PAGES, TIMEOUT_SECONDS, Shopper, Tally

REPORT_SECONDS = 10.0
MOST_SHOPPERS = 32
LONGEST_SECONDS = 24 * 3600


def main(arguments: list[str]) -> int:
    """Exit code 1 when not one page was answered well."""
    options = _options(arguments)
    shop = _answering(options.url or RunFolder.default().read("environment").get("PUBLIC_URL"))
    tally, stop = Tally(), threading.Event()
    seed = time.time_ns()
    shoppers = [
        threading.Thread(target=Shopper(shop, tally, stop, f"{seed}-{number}").run)
        for number in range(options.shoppers)
    ]
    say(f"  {options.shoppers} shoppers in {shop} for {options.seconds} s; Ctrl-C ends it.")
    for shopper in shoppers:
        shopper.start()
    _report(tally, options.seconds, stop)
    for shopper in shoppers:
        shopper.join()
    say(f"  Total    {tally.line()}")
    say(f"  95 of 100 pages were there within {tally.p95_seconds():.2f} s.")
    return int(tally[ERRORS] + tally[NO_ANSWER] >= tally[PAGES])


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make traffic", description="Simulated shoppers.")
    parser.add_argument("--seconds", type=_up_to(LONGEST_SECONDS), default=300)
    parser.add_argument("--shoppers", type=_up_to(MOST_SHOPPERS), default=4)
    parser.add_argument("--url", help="address of the shop; default: the one that runs here")
    return parser.parse_args(arguments)


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is no number from 1 to {most}")
        return int(text)

    return number


def _answering(shop: str | None) -> str:
    """The same address. Raises Expected when nobody answers there."""
    if shop:
        with suppress(requests.RequestException):
            requests.get(shop, timeout=TIMEOUT_SECONDS)
            return shop
    raise Expected(
        f"No shop answers at {shop}." if shop else "The shop has never run here.",
        why="Shoppers need a running shop.",
        fix="make run   (in another terminal)",
    )


def _report(tally: Tally, seconds: int, stop: threading.Event) -> None:
    """A line every ten seconds until the time is over; Ctrl-C ends it early."""
    began = time.monotonic()
    try:
        while (left := began + seconds - time.monotonic()) > 0:
            stop.wait(min(REPORT_SECONDS, left))
            say(f"  {time.monotonic() - began:4.0f} s   {tally.line()}")
    except KeyboardInterrupt:
        say()
    finally:
        stop.set()
