"""When the shop counts as ready: asked as the supervisor asks, of servers that say what we want."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import ports, shop
from deploy.local.folder import RunFolder


class Service:
    """A server that answers each path with the status that the test sets, 503 until then."""

    def __init__(self) -> None:
        self.statuses: dict[str, int] = {}
        self.asked: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                self.send_response(service.statuses.get(self.path, 503))
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()


@pytest.fixture
def services() -> Iterator[dict[str, Service]]:
    services = {web.name: Service() for web in shop.WEB}
    yield services
    for service in services.values():
        service.server.shutdown()
        service.server.server_close()


def test_the_storefront_is_ready_when_its_home_page_shows_goods(
    services: dict[str, Service], tmp_path: Path
) -> None:
    numbers = dict.fromkeys([*ports.USUAL, *ports.METRICS], 9)
    numbers |= {name: service.port for name, service in services.items()}
    programs = shop.programs({}, numbers, RunFolder(tmp_path))
    [storefront] = [each for each in programs if each.name == "storefront"]
    front, products = services["storefront"], services["product_service"]

    front.statuses["/health/startup"] = 200
    assert not storefront.is_ready()
    assert front.asked == ["/health/startup"]  # a page in vain would only open the breaker

    products.statuses["/health/startup"] = 200
    assert not storefront.is_ready()  # the degraded page

    front.statuses["/"] = 200
    assert storefront.is_ready()
    front.statuses["/"] = 400  # a host name that ALLOWED_HOSTS lacks: refused, but served
    assert storefront.is_ready()
