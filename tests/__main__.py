"""`python -m tests`: every suite, each in a pytest process of its own, on the same servers.

A process holds the settings of one service, so each service has its own suite; what is about the
whole shop runs under xdist beside them. The suites' results are printed at the end: one line each,
what was skipped, and everything of one that failed. One that hangs is ended.

Exit code: 0 all passed; 1 one failed or hung; 2 the servers did not start; 130 interrupted.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import effort, servers

ROOT = Path(__file__).parents[1]
PYTEST = (sys.executable, "-m", "pytest")
QUIET = ("--quiet", "--no-header", "--color=no", "-p", "no:cacheprovider")
# Of the tests some wait, and others work meanwhile. All suites but one begin at once, since what
# begins late runs alone at the end.
SUITES_AT_ONCE = 4
# Far longer than any suite takes: one that is not done by then hangs.
LONGEST_SECONDS = effort.tries(3600, thorough=6 * 3600)
# Each has about as much to do as the longest suite.
PROCESSES = min(5, (os.cpu_count() or 2) + 1)
WHOLE_SHOP = ("-n", str(PROCESSES), "--dist=loadscope", "--no-loadscope-reorder")


@dataclass(frozen=True)
class Suite:
    """What one pytest process runs."""

    name: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


CRASHES = "order_service/tests/crash"


def of_service(name: str, *arguments: str) -> Suite:
    return Suite(name, ("-c", f"{name}/pytest.ini", name, *arguments))


# The longest first, and that in two parts, which have databases of their own: the first variable is
# one of pytest-django's.
SUITES = (
    of_service("order_service", f"--ignore={CRASHES}"),
    of_service("product_service"),
    Suite(
        CRASHES,
        ("-c", "order_service/pytest.ini", CRASHES),
        {"TOX_PARALLEL_ENV": "crash", "TECHCOMMERCE_TEST_PART": "1"},
    ),
    *map(of_service, ("storefront", "chassis")),
)


def main(suites: Sequence[Suite] = SUITES, whole_shop: Sequence[str] = WHOLE_SHOP) -> int:
    """Run the suites beside the tests of the whole shop."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # each suite's file names its own
    os.environ["TEST_TURN"] = str(effort.TURN)  # the same cases in all of them
    try:
        with servers.running(), ThreadPoolExecutor(SUITES_AT_ONCE) as pool:
            running = pool.map(_run, suites)
            code = _run_whole_shop(whole_shop, pool)
            results = list(running)
    except pytest.UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print("\nSuites of the services")
    for suite, done in zip(suites, results, strict=True):
        _show(suite, done)
    return int(any((code, *(done.returncode for done in results))))


def _run_whole_shop(arguments: Sequence[str], pool: ThreadPoolExecutor) -> int:
    """Ctrl-C reaches each pytest, which stops what it has started; no further suite begins."""
    process = subprocess.Popen([*PYTEST, *arguments], cwd=ROOT)
    try:
        if _hangs(process):
            print("\n" + _hung("The tests of the whole shop", (*arguments, "-n", "0")), flush=True)
        return process.returncode
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        process.wait()
        raise


def _run(suite: Suite) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            [*PYTEST, *suite.arguments, *QUIET],
            cwd=ROOT,
            env={**os.environ, **suite.variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        has_hung = _hangs(process)
        output.seek(0)
        shown = output.read()
    if has_hung:
        shown = f"{shown}\n{_hung('It', suite.arguments)}"
    return subprocess.CompletedProcess(process.args, process.returncode, shown)


def _hangs(process: subprocess.Popen[bytes]) -> bool:
    """Wait for pytest to end. One that hangs is ended; it then prints where each thread was."""
    try:
        process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # pytest's faulthandler answers it
        process.wait()
        return True
    return False


def _hung(what: str, arguments: Sequence[str]) -> str:
    command = shlex.join(("python", "-m", "pytest", *arguments))
    return (
        f"{what} hung: no end after {LONGEST_SECONDS} s. To see where, run:"
        f" {command} -v -o faulthandler_timeout=60"
    )


def _show(suite: Suite, done: subprocess.CompletedProcess[str]) -> None:
    lines = done.stdout.splitlines() or [f"no output, code {done.returncode}"]
    shown = [line for line in lines[:-1] if done.returncode or re.match("SKIPPED", line)]
    print("\n".join((*shown, f"{suite.name.ljust(26)} {lines[-1].strip('= ')}")))


if __name__ == "__main__":
    sys.exit(main())
