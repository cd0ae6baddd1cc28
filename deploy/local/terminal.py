"""What the terminal shows: steps with their time, colours, and plain lines off a terminal."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "grey": 90}
BAR_AFTER_SECONDS = 2.0


def is_coloured() -> bool:
    """Colour only on a terminal, and never with NO_COLOR (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(text: str, colour: str) -> str:
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if is_coloured() else text


def bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if is_coloured() else text


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name a step of the start and print its seconds; one over two seconds shows a moving bar."""
    started = time.monotonic()
    finished = threading.Event()
    bar = threading.Thread(target=_bar, args=(title, finished), daemon=True)
    if sys.stdout.isatty():
        bar.start()
    ending = f"{paint('failed', 'red')} {title}"
    try:
        yield
        seconds = time.monotonic() - started
        ending = f"{paint('ok', 'green')} {title} {paint(f'{seconds:.1f} s', 'grey')}"
    finally:
        finished.set()
        if bar.ident is not None:
            bar.join()
        say(f"  {ending}")


def _bar(title: str, finished: threading.Event) -> None:
    if finished.wait(BAR_AFTER_SECONDS):
        return
    for turn in itertools.count():
        head = turn % 20
        cells = "".join("=" if (cell - head) % 20 < 5 else " " for cell in range(20))
        print(f"\r  [{cells}] {title}", end="", flush=True)
        if finished.wait(0.1):
            break
    print("\r\x1b[2K", end="", flush=True)
