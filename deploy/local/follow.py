"""Shows new lines of all log files on the terminal, each under the name of its program."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from deploy.local.terminal import paint, say

INTERVAL_SECONDS = 0.2
PALETTE = ("cyan", "green", "yellow", "blue", "magenta")


async def follow(logs: Path, names: Sequence[str]) -> None:
    """Print what is appended from now on, until cancelled."""
    files = {name: _open_at_end(logs / f"{name}.log") for name in names}
    colours = dict(zip(names, itertools.cycle(PALETTE), strict=False))
    width = max(map(len, names))
    try:
        while True:
            for name, file in files.items():
                for line in _new_lines(file):
                    say(f"{paint(name.ljust(width), colours[name])} {line}")
            await asyncio.sleep(INTERVAL_SECONDS)
    finally:
        _close(files)


def _open_at_end(path: Path) -> BinaryIO:
    file = path.open("rb")
    file.seek(0, 2)
    return file


def _new_lines(file: BinaryIO) -> list[str]:
    """Whole lines only: half a line is read again when the rest is there."""
    begin = file.tell()
    content, newline, _ = file.read().rpartition(b"\n")
    file.seek(begin + len(content) + len(newline))
    return content.decode(errors="replace").splitlines()


def _close(files: Mapping[str, BinaryIO]) -> None:
    for file in files.values():
        file.close()
