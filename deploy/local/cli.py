"""The commands of `python3 -m deploy.local`; the Makefile has a target of the same name for each.

What a command needs is installed first, so every one of them works in a fresh clone. Until then
only the standard library is there: nothing imported at the top of these modules is a package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.local import demo_failure, doctor, inherited, stop, tools, venv
from deploy.local.failures import Expected
from deploy.local.terminal import bold, paint, say

INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C ended


@dataclass(frozen=True)
class Command:
    """A command, what it does, and the requirements that it needs (None: a bare Python)."""

    name: str
    meaning: str
    level: str | None
    call: Callable[[list[str]], int]


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
        return command.call(rest)
    except Expected as failure:
        say(f"\n{paint('Failed:', 'red')} {failure}")
        return 1
    except KeyboardInterrupt:
        say()
        return INTERRUPTED


def run_shop(arguments: list[str]) -> int:
    from deploy.local.run import run  # needs the packages of requirements/local.txt

    return run()


def send_shoppers(arguments: list[str]) -> int:
    from deploy.local.traffic.command import main as traffic  # needs the packages, too

    return traffic(arguments)


def make_secrets(arguments: list[str]) -> int:
    from deploy.local import cluster_secrets  # needs the packages, too

    return cluster_secrets.main(arguments)


def back_up(arguments: list[str]) -> int:
    from deploy.local import backups  # needs the packages, too

    return backups.backup(arguments)


def restore(arguments: list[str]) -> int:
    from deploy.local import backups  # needs the packages, too

    return backups.restore(arguments)


def mint_token(arguments: list[str]) -> int:
    from deploy.local import service_token  # needs the packages, too

    return service_token.main(arguments)


def show_help(arguments: list[str]) -> int:
    say(bold("TechCommerce on one machine"))
    say("  make <command>, or: python3 -m deploy.local <command>\n")
    for command in COMMANDS:
        say(f"  {paint(command.name.ljust(14), 'cyan')} {command.meaning}")
    return 0


COMMANDS = (
    Command("run", "start the shop (PORT=8000 fixes its port; MONITORING=1)", "local", run_shop),
    Command("stop", "stop the shop from any terminal", None, stop.stop),
    Command("reset", "stop the shop and delete its data (asks, or YES=1)", None, stop.reset),
    Command("doctor", "check this machine (--json for a program)", None, doctor.main),
    Command("test", "run the tests on servers of their own", "dev", tools.test),
    Command("test-slow", "the proofs that take minutes", "dev", tools.test_slow),
    Command("test-all", "the tests, trying much more", "dev", tools.test_all),
    Command("test-cluster", "the tests of a shop in Kubernetes", "dev", tools.test_cluster),
    Command("lint", "style, formatting, types, import rules", "dev", tools.lint),
    Command("schema", "write openapi.yaml of both services", "local", tools.schema),
    Command("manifests", "render the Kubernetes overlays (needs kubectl)", None, tools.manifests),
    Command("lock", "pin what pyproject.toml names: requirements/*.txt", "dev", tools.lock),
    Command("secrets", "make the secrets of a cluster or of compose", "local", make_secrets),
    Command(
        "manage",
        "manage.py of the last run: make manage ARGS='order_service shell'",
        "local",
        tools.manage,
    ),
    Command("seed", "load the demo shop again", "local", tools.seed),
    Command("token", "print a token for the APIs (--help says which)", "local", mint_token),
    Command("demo-failure", "freeze product_service for 30 s", None, demo_failure.main),
    Command("backup", "back up the running shop (BACKUP_FOLDER)", "local", back_up),
    Command("restore", "its databases as they were: ARGS=TIME, or list", "local", restore),
    Command("traffic", "simulated shoppers in the running shop", "local", send_shoppers),
    Command("bench", "measure the shop on this machine", "dev", tools.bench),
    Command("screenshots", "picture the running shop's pages", "dev", tools.screenshots),
    Command("help", "this list", None, show_help),
)
