"""Runs the tests of one version on databases that another one has migrated.

    python -m tests.expand_contract.trial BASE HEAD PYTHON [TEST...]

BASE and HEAD are folders with the two versions, PYTHON has the packages of BASE. It starts servers
of its own. A test that fails is run once more, then on BASE's own schema; it counts if it fails
twice on HEAD's and passes on its own. Exit code 1 when one counts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local import keys
from deploy.local.ports import any_free
from deploy.local.servers import binaries
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.redis import RedisServer, find
from tests import scratch
from tests.expand_contract.left_out import migrating_tests
from tests.faults.members import Members
from tests.servers import SETTINGS

NOTHING_RAN = 5  # pytest's exit code
FAILED = ("--last-failed", "--last-failed-no-failures=none")  # only those of the run before


@dataclass(frozen=True)
class Suite:
    """The tests of one service."""

    service: str
    tests: tuple[str, ...]

    @classmethod
    def chosen(cls, tests: Sequence[str]) -> list[Suite]:
        """A suite a service; all of them where no test was named."""
        by_service = {
            each: tuple(test for test in tests or keys.SERVICES if test.split("/")[0] == each)
            for each in keys.SERVICES
        }
        return [cls(service, named) for service, named in by_service.items() if named]


@dataclass(frozen=True)
class Run:
    """A suite at work: its process, its output, and where pytest notes what failed."""

    suite: Suite
    process: subprocess.Popen[bytes]
    log: Path
    cache: Path

    def failed(self) -> list[str]:
        """The tests that failed. Raises SystemExit where they could not be run."""
        self.process.wait()
        text = self.log.read_text(errors="replace")
        lines = [line for line in text.splitlines() if line.strip()]
        for line in lines:
            if line.startswith((f"FAILED {self.suite.service}/", f"ERROR {self.suite.service}/")):
                print(line)
        print(f"{self.suite.service}: {lines[-1].strip('= ') if lines else 'nothing said'}")
        noted = self.cache / "v" / "cache" / "lastfailed"
        failed = list(json.loads(noted.read_text())) if noted.exists() else []
        all_left_out = self.process.returncode == NOTHING_RAN and "deselected" in text
        if self.process.returncode and not failed and not all_left_out:
            print("\n".join(lines[-20:]))
            raise SystemExit(f"Failed: the tests of {self.suite.service} could not be run")
        return [f"{self.suite.service}/{test}" for test in failed]


class Trial:
    """Two versions and the servers on which they meet."""

    def __init__(self, base: Path, head: Path, python: str) -> None:
        self._base, self._head, self._python = base, head, python
        self._home = Path(
            tempfile.mkdtemp(prefix=f"techcommerce-test-{os.getpid()}-", dir=scratch.base())
        )
        self._home.chmod(0o755)
        secrets = keys.generate()
        postgres_port, redis_port = any_free(2)
        self._postgres = PostgresServer(
            self._home,
            postgres_port,
            secrets["POSTGRES_PASSWORD"],
            binaries.choose(self._home),
            is_unsafe=True,
        )
        self._redis = RedisServer(self._home, redis_port, secrets["REDIS_PASSWORD"], find())
        hidden = {name for name in secrets if name.endswith("PASSWORD")}
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            **SETTINGS,
            **{name: value for name, value in secrets.items() if name not in hidden},
        }
        self._members = Members(self._home)

    def start(self) -> None:
        self._postgres.initialise()
        self._members.start([self._postgres.program(), self._redis.program()])
        create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
        with psycopg.connect(self._postgres.url("postgres"), autocommit=True) as connection:
            for service in keys.SERVICES:
                role = sql.Identifier(service)
                connection.execute(create.format(role, sql.Literal(self._postgres.password)))
                for name in (service, f"test_{service}"):
                    made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), role)
                    connection.execute(made)

    def stop(self) -> None:
        self._members.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def migrate(self, suites: Iterable[Suite]) -> None:
        """What the tests of BASE will find was made by HEAD. Raises CalledProcessError."""
        for suite in suites:
            urls = self._urls(suite.service, prefix="test_")
            command = [sys.executable, "manage.py", suite.service, "migrate", "--verbosity=0"]
            subprocess.run(command, cwd=self._head, env=self._variables | urls, check=True)

    def failures(self, suites: Iterable[Suite]) -> list[str]:
        """What fails twice on HEAD's schema and passes on BASE's own; all suites at once."""
        suites = list(suites)
        first = self._failed(suites, "--reuse-db")
        again = self._failed(suites, "--reuse-db", *FAILED) if first else []
        too = self._failed(suites, "--create-db", *FAILED) if again else []
        for test in first:
            print(f"{test} {_said_of(test, again, too)}")
        return [test for test in again if test not in too]

    def _failed(self, suites: Iterable[Suite], *options: str) -> list[str]:
        runs = [self._begin(suite, *options) for suite in suites]
        return [test for run in runs for test in run.failed()]

    def _begin(self, suite: Suite, *options: str) -> Run:
        cache = self._home / f"cache-{suite.service}"
        command = [self._python, "-m", "pytest", "-c", f"{suite.service}/pytest.ini"]
        command += ["--quiet", "--no-header", "--color=no", "-o", f"cache_dir={cache}", *options]
        for test in migrating_tests(self._base, suite.service):
            command.append(f"--deselect={test}")
        log = self._home / f"{suite.service}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*command, *suite.tests],
                cwd=self._base,
                env=self._variables | self._urls(suite.service),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return Run(suite, process, log, cache)

    def _urls(self, service: str, *, prefix: str = "") -> dict[str, str]:
        """Each suite has Redis databases of its own; all services need an address."""
        at = 2 * keys.SERVICES.index(service)
        databases = {
            f"{each.upper()}_DATABASE_URL": self._postgres.url(f"{prefix}{each}", each)
            for each in keys.SERVICES
        }
        redis = {"REDIS_URL": self._redis.url(at), "CACHE_URL": self._redis.url(at + 1)}
        return databases | redis


def main(base: str, head: str, python: str, *tests: str) -> int:
    suites = Suite.chosen(tests)
    if not suites:
        raise SystemExit(f"Failed: none of these is a test of a service: {' '.join(tests)}")
    trial = Trial(Path(base), Path(head), python)
    try:
        trial.start()
        trial.migrate(suites)
        failed = trial.failures(suites)
    finally:
        trial.stop()
    if not failed:
        print("The version before works on the schema of the new one.")
    return bool(failed)


def _said_of(test: str, again: Collection[str], too: Collection[str]) -> str:
    if test not in again:
        return "failed once and passed when it was run again."
    if test in too:
        return "fails on its own schema too: the migrations are not to blame."
    return "FAILS on this schema and passes on its own."


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
