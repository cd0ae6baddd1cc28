"""The whole shop for browsers and racing buyers: the storefront in front, the demo catalogue.

Two web workers, two worker children, two dispatchers, nothing in between.
"""

from __future__ import annotations

import asyncio

from deploy.local import environment, keys, prepare
from deploy.local.servers import databases
from tests.faults.system import System

PROGRAMS = (
    *("sandbox", "mailbox", "product_service", "order_service", "storefront"),
    *("product-sweep", "storefront-sweep"),
    *("order-worker", "order-dispatcher", "order-dispatcher-2"),
)


class Shop(System):
    """`url` is where a browser finds it. The pipeline runs with its production times."""

    def __init__(self) -> None:
        super().__init__(hot={}, times={}, has_proxy=False)

    @property
    def url(self) -> str:
        return environment.addresses(self.ports)["PUBLIC_URL"]

    def programs(self) -> list[str]:
        return list(PROGRAMS)

    def start(self) -> None:
        self._postgres.initialise()
        self.members.start([self._postgres.program(), self._redis.program()])
        databases.ensure(self._postgres, keys.SERVICES, self.secrets)
        self._migrate(*keys.SERVICES)
        static = [[prepare.static(each)] for each in keys.SERVICES]
        asyncio.run(prepare.finish(static, self._environment(self.ports), self.folder))
        self.manage("product_service", "seed_demo")
        self.members.start([self._program(name) for name in self.programs()])
