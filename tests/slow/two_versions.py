"""A shop that is updated at work: the version before, then both side by side, then the new one.

Both are processes of this machine on the same PostgreSQL and Redis, the version before from its own
files. Behind each address stand the web processes of whoever serves at the moment; workers,
dispatchers and sweeps of both take what they find. The provider and the mailbox are others'.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import requests

from deploy.local import environment, keys, prepare, shop
from deploy.local.folder import ROOT, VENV_PYTHON
from deploy.local.ports import HOST, METRICS, USUAL, any_free
from deploy.local.program import Program
from deploy.local.servers import databases
from tests.faults import goods
from tests.faults.system import System
from tests.slow.balancer import Balancer

WEB = ("product_service", "order_service", "storefront")
WORK = ("product-sweep", "storefront-sweep", "order-worker", "order-dispatcher")
MIGRATIONS = tuple((service, "migrate", "--verbosity=0") for service in keys.SERVICES)
GIVES_WAY = 3  # times that a migration is run before it counts as failed


class TwoVersions(System):
    """`commit` is the version before; the new one is this repository as it stands."""

    def __init__(self, commit: str) -> None:
        super().__init__(hot={goods.HOT: 100}, has_proxy=False)
        self.former = self._base / "former"
        self.former.mkdir()
        write_files_of(commit, self.former)
        names = [*USUAL, *METRICS]
        self._own = {
            tree: dict(zip(names, any_free(len(names)), strict=True))
            for tree in (self.former, ROOT)
        }
        self.balancer = Balancer({name: self.ports[name] for name in WEB})

    @property
    def storefront_url(self) -> str:
        return environment.addresses(self.ports)["PUBLIC_URL"]

    def start(self) -> None:
        """The version before alone, on its own schema."""
        self._postgres.initialise()
        self.members.start([self._postgres.program(), self._redis.program()])
        databases.ensure(self._postgres, keys.SERVICES, self.secrets)
        self._manage(self.former, *MIGRATIONS)
        self._manage(self.former, ("storefront", "collectstatic", "--noinput", "--verbosity=0"))
        goods.stock_up(self.products_database, hot=self._hot)
        self.members.start([self._program(name) for name in ("sandbox", "mailbox")])
        self._begin(self.former)

    def migrate(self) -> int:
        """The new version's migrations, as its Jobs apply them; how often they had to be run."""
        for tries in range(1, GIVES_WAY + 1):
            try:
                self._manage(ROOT, *MIGRATIONS)
            except RuntimeError:
                if tries == GIVES_WAY:
                    raise
            else:
                return tries
        raise AssertionError

    def begin_new(self) -> None:
        static = [[prepare.static("storefront")]]
        asyncio.run(prepare.finish(static, self._environment(self.ports), self.folder))
        self._begin(ROOT)

    def end_former(self) -> None:
        """As a rollout ends pods: out of the addresses first, then asked to stop."""
        for name in WEB:
            self.balancer.leave(name, self._own[self.former][name])
        ending = [self.members[_named(name, self.former)] for name in (*reversed(WEB), *WORK)]
        for member in ending:
            member.is_held = True  # nobody starts it again
            member.process.send_signal(signal.SIGTERM)
        for member in ending:
            member.process.wait(timeout=member.program.stop_seconds)

    def former_still_starts(self) -> dict[str, int]:
        """What the startup probe of the version before says on the schema of now."""
        addresses = {name: f"http://{HOST}:{self._own[self.former][name]}" for name in WEB}
        return {
            name: requests.get(f"{url}/health/startup", timeout=5).status_code
            for name, url in addresses.items()
        }

    def answered(self) -> dict[str, int]:
        """Connections that each version's web processes took."""
        return {
            _named(name, tree): self.balancer.taken[ports[name]]
            for tree, ports in self._own.items()
            for name in WEB
        }

    def stop(self) -> None:
        super().stop()
        self.balancer.stop()

    def _begin(self, tree: Path) -> None:
        """Each gets connections once it is ready; the storefront, which needs the others, last."""
        first, last = [*WEB[:-1], *WORK], WEB[-1:]
        for names in (first, last):
            self.members.start([self._of(tree, name) for name in names])
            for name in names:
                if name in WEB:
                    self.balancer.join(name, self._own[tree][name])

    def _of(self, tree: Path, name: str) -> Program:
        ports = self._own[tree]
        table = shop.programs(self.variables(name), ports, self.folder)
        found = next(each for each in table if each.name == name)
        called = _named(name, tree)
        own = {"PROMETHEUS_MULTIPROC_DIR": str(self.folder.metrics(called))}
        return dataclasses.replace(
            found,
            name=called,
            argv=tuple(
                _queues(tree) if queues == "-Q" else part.replace(f"{name}@", f"{called}@")
                for queues, part in zip(("", *found.argv), found.argv, strict=False)
            ),
            environment={**found.environment, **own},
            folder=tree,
        )

    def _manage(self, tree: Path, *commands: Sequence[str]) -> None:
        """All of them at once, as the owners. Raises RuntimeError with what they said."""
        variables = {**self._environment(self.ports), **self.owner_urls}
        running = [
            subprocess.Popen(
                [str(VENV_PYTHON), "manage.py", *command],
                cwd=tree,
                env=variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for command in commands
        ]
        said = [process.communicate()[0] for process in running]
        if any(process.returncode for process in running):
            raise RuntimeError("\n".join(said))


def write_files_of(commit: str, folder: Path) -> None:
    """The repository's files as they were. Raises LookupError where the commit is not there."""
    variables = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    archive = subprocess.run(
        ["git", "archive", commit], cwd=ROOT, env=variables, capture_output=True
    )
    if archive.returncode:
        raise LookupError(
            f"The commit {commit} is not in this clone: git fetch --unshallow"
            f" (in a workflow: fetch-depth: 0). git said: {archive.stderr.decode().strip()}"
        )
    subprocess.run(["tar", "--extract"], cwd=folder, input=archive.stdout, check=True)


def _queues(tree: Path) -> str:
    """Those that the workers of this version listen to; not always those of today's."""
    compose = (tree / "deploy/compose.yaml").read_text(encoding="utf-8")
    [queues] = re.findall(r"--queues=(\S+)", compose)
    return str(queues)


def _named(name: str, tree: Path) -> str:
    """Those of this repository are called as a second one is."""
    return f"{name}-2" if tree == ROOT else name
