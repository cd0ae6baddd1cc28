"""The commands of `python3 -m deploy.local`; the Makefile has a target of the same name for each.

What a command needs is installed first, so every one of them works in a fresh clone. Until then
only the standard library is there: nothing imported at the top of these modules is a package.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name

from deploy.local import doctor, inherited, venv
from deploy.local.failures import Expected, Refused
from deploy.local.terminal import bold, paint, say

INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended


@dataclass(frozen=True)
class Command:
    """A command, what it does, and the requirements that it needs (None: a bare Python)."""

    name: str
    meaning: str
    level: str | None
    place: str  # module:function below deploy.local, imported when the packages are there

    def load(self) -> Callable[[list[str]], int]:
        function: Callable[[list[str]], int] = resolve_name(f"deploy.local.{self.place}")
        return function


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    inherited.open_streams()
    inherited.set_variables()
    name, *rest = arguments or ["help"]
    command = next((each for each in COMMANDS if each.name == name), None)
    if command is None:
        say(f"There is no command {name!r}.\n")
        show_help([])
        return 2
    try:
        if command.level:
            doctor.require_prerequisites()
            venv.enter(command.level, [name, *rest])
        return command.load()(rest)
    except Refused as refusal:
        print(f"Refused: {refusal}", file=sys.stderr, flush=True)
        return 2
    except Expected as failure:
        say(f"\n{paint('Failed:', 'red')} {failure}")
        return 1
    except KeyboardInterrupt:
        say()
        return INTERRUPTED


def show_help(arguments: list[str]) -> int:
    say(bold("TechCommerce on one machine"))
    say("  make <command>, or: python3 -m deploy.local <command>\n")
    for command in COMMANDS:
        say(f"  {paint(command.name.ljust(14), 'cyan')} {command.meaning}")
    return 0


COMMANDS = tuple(
    Command(*row)
    for row in (
        ("run", "start the shop (PORT=8000 fixes its port; MONITORING=1)", "local", "run:run"),
        ("stop", "stop the shop from any terminal", None, "stop:stop"),
        ("reset", "stop the shop and delete its data (asks, or YES=1)", None, "stop:reset"),
        ("doctor", "check this machine (--json for a program)", None, "doctor:main"),
        ("test", "run the tests on servers of their own", "dev", "tools:test"),
        ("test-slow", "the proofs that take minutes", "dev", "tools:test_slow"),
        ("test-all", "the tests, trying much more", "dev", "tools:test_all"),
        ("test-cluster", "the tests of a shop in Kubernetes", "dev", "tools:test_cluster"),
        ("lint", "style, formatting, types, import rules", "dev", "tools:lint"),
        ("schema", "write openapi.yaml of both services", "local", "tools:schema"),
        ("manifests", "render the Kubernetes overlays (needs kubectl)", None, "tools:manifests"),
        ("lock", "pin what pyproject.toml names: requirements/*.txt", "dev", "tools:lock"),
        ("secrets", "make the secrets of a cluster or of compose", "local", "cluster_secrets:main"),
        (
            "manage",
            "manage.py of the last run: make manage ARGS='order_service shell'",
            "local",
            "tools:manage",
        ),
        ("seed", "load the demo shop again", "local", "tools:seed"),
        ("token", "print a token for the APIs (--help says which)", "local", "service_token:main"),
        ("demo-failure", "freeze product_service for 30 s", None, "demo_failure:main"),
        ("backup", "back up the running shop (BACKUP_FOLDER)", "local", "backups:backup"),
        ("restore", "its databases as they were: ARGS=TIME, or list", "local", "backups:restore"),
        ("traffic", "simulated shoppers in the running shop", "local", "traffic.command:main"),
        ("bench", "measure the shop on this machine", "dev", "tools:bench"),
        ("screenshots", "picture the running shop's pages", "dev", "tools:screenshots"),
        ("help", "this list", None, "cli:show_help"),
    )
)
