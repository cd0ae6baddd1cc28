"""A stand-in for a program of the shop: a leader with a child that holds a port.

    python -m tests.local.stand_in <name> <diary> <port> [stubborn]

Writes "<name> started" and "<name> stopped" to the diary. Stubborn: ignores every polite signal.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType


def main(name: str, diary: Path, port: int, *, is_stubborn: bool) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        if not is_stubborn:
            _note(diary, f"{name} stopped")
            os.kill(child, signal.SIGTERM)
            sys.exit(0)

    child = os.fork()
    if child == 0:
        _hold(port, is_stubborn=is_stubborn)
    signal.signal(signal.SIGTERM, stop)
    _note(diary, f"{name} started")
    while True:
        time.sleep(60)


def listens(port: int) -> Callable[[], bool]:
    """Whether a connection is accepted, for whoever waits for it."""

    def ask() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return True
        except OSError:
            return False

    return ask


def _hold(port: int, *, is_stubborn: bool) -> None:
    if is_stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        while True:
            server.accept()[0].close()


def _note(diary: Path, line: str) -> None:
    with diary.open("a") as file:
        file.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), is_stubborn="stubborn" in sys.argv[4:])
