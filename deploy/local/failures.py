"""Failures that we expect: each says what happened, why, and the one command that fixes it."""

from __future__ import annotations

from collections.abc import Sequence


class Expected(Exception):
    """A failure with a known cause; the command line prints it without a traceback."""

    def __init__(self, what: str, *, why: str, fix: str, lines: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.lines = tuple(lines)  # the last lines of the log of whatever failed

    def __str__(self) -> str:
        log = "".join(f"    | {line}\n" for line in self.lines)
        return f"{self.what}\n{log}  Why: {self.why}\n  Fix: {self.fix}"


class Refused(Expected):
    """A failure that was seen before anything was touched; exit code 2, as the scripts have it."""


def wrong_setting(wrong: str) -> Expected:
    return Expected(
        "A setting is wrong.",
        why=f"{wrong}.",
        fix="Change it where you set it: in the environment, or in the file .env.",
    )
