"""The whole shop as real processes on free ports, every hop through the proxy.

    with System(hot={"HOT": 150}) as system:
        system.proxy.set("order-worker->sandbox", "cut", share=0.5)
        system.members.kill("order-worker")

PostgreSQL, Redis, product_service, order_service, order workers, two dispatchers, the sweep, the
sandbox provider and the mailbox run exactly as the supervisor of `deploy.local` runs them; only
the addresses lead through the proxy, and the pipeline's clock is short.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import environment, keys, shop
from deploy.local.folder import ROOT, VENV_PYTHON, RunFolder
from deploy.local.ports import METRICS, SERVERS, USUAL, any_free
from deploy.local.program import Program
from deploy.local.servers import binaries, databases, redis
from deploy.local.servers.postgres import PostgresServer
from tests import scratch
from tests.faults import goods
from tests.faults.edges import Proxy
from tests.faults.members import Members

SERVICES = ("product_service", "order_service")
SHORT_TIMES = {
    "ORDER_LEASE_SECONDS": "2",
    "ORDER_RESEND_SECONDS": "1",
    "ORDER_RETRY_SECONDS": "1",
    "ORDER_RETRY_MAX_SECONDS": "2",
    "ORDER_ADVANCE_SECONDS": "1.5",
    "INLINE_AFTER_SECONDS": "2",
    "RESERVATION_SECONDS": "6",
    "AWAITING_SHOPPER_SECONDS": "6",
    "SWEEP_INTERVAL_SECONDS": "0.5",
}
COPIES = {"order-worker-2": "order-worker", "order-dispatcher-2": "order-dispatcher"}


class System:
    """A shop of its own in a temporary folder; `stop()` leaves nothing behind."""

    # On one machine one process of a service does; here several race each other, as in a cluster.
    web: Mapping[str, str] = {"WEB_WORKERS": "2"}

    def __init__(
        self,
        *,
        hot: Mapping[str, int],
        workers: int = 1,
        times: Mapping[str, str] = SHORT_TIMES,
        has_proxy: bool = True,
    ) -> None:
        self._hot = dict(hot)
        self._times = dict(times)
        self._workers = workers
        self._has_proxy = has_proxy
        self.secrets = keys.generate()
        self._base = Path(
            tempfile.mkdtemp(prefix=f"techcommerce-test-{os.getpid()}-", dir=scratch.base())
        )
        self._base.chmod(0o755)
        self.folder = RunFolder(self._base / "shop").create()
        names = [*USUAL, *METRICS, *SERVERS, *(f"{copy}-metrics" for copy in COPIES)]
        self.ports = dict(zip(names, any_free(len(names)), strict=True))
        self.members = Members(self.folder.logs)
        self._postgres = PostgresServer(
            self._base / "servers",
            self.ports["postgres"],
            self.secrets["POSTGRES_PASSWORD"],
            binaries.choose(self._base / "servers"),
            is_unsafe=True,
        )
        self._redis = redis.RedisServer(
            self._base / "servers",
            self.ports["redis"],
            self.secrets["REDIS_PASSWORD"],
            redis.find(),
        )

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def orders_database(self) -> str:
        """For the eyes of the test: past the proxy, as the owner of the tables."""
        return self.owner_urls["ORDER_SERVICE_OWNER_DATABASE_URL"]

    @property
    def products_database(self) -> str:
        return self.owner_urls["PRODUCT_SERVICE_OWNER_DATABASE_URL"]

    @property
    def owner_urls(self) -> dict[str, str]:
        return databases.urls(self._postgres, keys.SERVICES, self.secrets, as_owner=True)

    @property
    def runtime_urls(self) -> dict[str, str]:
        """What the services reach their databases with, past the proxy."""
        return databases.urls(self._postgres, keys.SERVICES, self.secrets)

    @property
    def server_database(self) -> str:
        """As PostgreSQL's own superuser."""
        return self._postgres.url("postgres")

    @property
    def redis_url(self) -> str:
        return self._redis.url(0)

    @property
    def provider_url(self) -> str:
        return environment.addresses(self.ports)["PAYMENT_PROVIDER_URL"]

    @property
    def shop_url(self) -> str:
        """order_service as shoppers reach it: through the proxy where there is one."""
        if self._has_proxy:
            return self.proxy.url("shopper->order_service")
        return environment.addresses(self.ports)["ORDER_SERVICE_URL"]

    @property
    def catalogue_url(self) -> str:
        return environment.addresses(self.ports)["PRODUCT_SERVICE_URL"]

    def start(self) -> None:
        self._postgres.initialise()
        self.members.start([self._postgres.program(), self._redis.program()])
        databases.ensure(self._postgres, keys.SERVICES, self.secrets)
        self._migrate(*SERVICES)
        goods.stock_up(self.products_database, hot=self._hot)
        if self._has_proxy:
            self.proxy = Proxy(self.ports)
        self.members.start([self._program(name) for name in self.programs()])

    def stop(self) -> None:
        self.members.stop()
        if hasattr(self, "proxy"):
            self.proxy.stop()
        shutil.rmtree(self._base, ignore_errors=True)

    def programs(self) -> list[str]:
        """Names of the shop's own programs (without PostgreSQL and Redis)."""
        workers = ["order-worker", "order-worker-2"][: self._workers]
        dispatchers = ["order-dispatcher", "order-dispatcher-2"]
        return ["sandbox", "mailbox", *SERVICES, "product-sweep", *workers, *dispatchers]

    def variables(self, name: str) -> dict[str, str]:
        """The environment of one program, its addresses leading through its edges."""
        ports = self.proxy.seen_by(name, self.ports) if self._has_proxy else self.ports
        return self._environment(ports)

    @property
    def owner(self) -> str:
        return environment.addresses(self.ports)["OWNER_EMAIL"]

    def _environment(self, ports: Mapping[str, int]) -> dict[str, str]:
        server = dataclasses.replace(self._redis, port=ports["redis"])
        postgres = dataclasses.replace(self._postgres, port=ports["postgres"])
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            **environment.shared(self.secrets),
            "LOG_FORMAT": "json",  # much cheaper than the readable one when tracebacks abound
            **environment.addresses(ports),
            **databases.urls(postgres, keys.SERVICES, self.secrets),
            "REDIS_URL": server.url(0),
            "CACHE_URL": server.url(1),
            **self.web,
            **self._times,
        }

    def _program(self, name: str) -> Program:
        original = COPIES.get(name, name)
        ports = {**self.ports, f"{original}-metrics": self.ports.get(f"{name}-metrics", 0)}
        table = shop.programs(self.variables(original), ports, self.folder)
        own = {"PROMETHEUS_MULTIPROC_DIR": str(self.folder.metrics(name))}
        found = next(each for each in table if each.name == original)
        argv = tuple(part.replace(f"{original}@", f"{name}@") for part in found.argv)
        variables = {**found.environment, **own}
        return dataclasses.replace(found, name=name, argv=argv, environment=variables)

    def manage(self, *arguments: str) -> None:
        """Run `manage.py` with these arguments, past the proxy. Raises CalledProcessError."""
        with self._managing(*arguments) as process:
            code = process.wait()
        if code:
            raise subprocess.CalledProcessError(code, arguments)

    def _managing(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(VENV_PYTHON), "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment(self.ports) | self.owner_urls,
            stdout=subprocess.DEVNULL,
        )

    def _migrate(self, *services: str) -> None:
        """All of them at once."""
        running = [self._managing(service, "migrate", "--verbosity=0") for service in services]
        codes = [process.wait() for process in running]
        if any(codes):
            raise RuntimeError("The databases could not be migrated.")
