"""`doctor`: checks this machine before anything is installed, and says how to fix what is wrong.

    python3 -m deploy.local doctor --json     [{"name", "status", "detail", "fix"}, ...]

Exit code 1 when a check failed; a warning is no failure.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from deploy.local.checks import CHECKS, PREREQUISITES, Result
from deploy.local.failures import Expected
from deploy.local.terminal import paint, say

COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def main(arguments: list[str]) -> int:
    """Run every check and report."""
    results = [check() for check in CHECKS]
    if "--json" in arguments:
        say(json.dumps([asdict(result) for result in results], indent=1))
    else:
        for result in results:
            _show(result)
    return int(any(result.status == "failed" for result in results))


def require_prerequisites() -> None:
    """Raise Expected for the first thing that this machine lacks before anything can be done."""
    for check in PREREQUISITES:
        result = check()
        if result.status == "failed":
            raise Expected(
                f"{result.name}: {result.detail}.",
                why="The shop cannot be installed or started without it.",
                fix=result.fix,
            )


def _show(result: Result) -> None:
    status = paint(result.status.ljust(8), COLOURS[result.status])
    say(f"  {status} {result.name.ljust(18)} {result.detail}")
    if result.fix:
        say(f"{' ' * 30}Fix: {result.fix}")
