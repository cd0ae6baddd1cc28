"""Shows new lines of all log files on the terminal, each under the name of its program."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from deploy.local.terminal import paint, say

INTERVAL_SECONDS = 0.2
PALETTE = ("cyan", "green", "yellow", "blue", "magenta")


async def follow(logs: Path, names: Sequence[str]) -> None:
    """Print what is appended from now on, until cancelled."""
    width = max(map(len, names))
    with ExitStack() as stack:
        files = [stack.enter_context((logs / f"{name}.log").open("rb")) for name in names]
        for file in files:
            file.seek(0, os.SEEK_END)
        while True:
            for name, colour, file in zip(names, itertools.cycle(PALETTE), files, strict=False):
                for line in _new_lines(file):
                    say(f"{paint(name.ljust(width), colour)} {line}")
            await asyncio.sleep(INTERVAL_SECONDS)


def _new_lines(file: BinaryIO) -> list[str]:
    """Whole lines only: half a line is read again when the rest is there."""
    begin = file.tell()
    content, newline, _ = file.read().rpartition(b"\n")
    file.seek(begin + len(content) + len(newline))
    return content.decode(errors="replace").splitlines()
