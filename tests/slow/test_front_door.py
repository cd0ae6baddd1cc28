"""What else holds on to a service: thousands of connections, slow readers, slow uploads."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.front_door.attack import Plan
from tests.front_door.holding import must_hold
from tests.front_door.targets import PATHS
from tests.shop import Shop

SECONDS = 10.0
SLOW = Plan(
    slow_readers=16,
    slow_uploads=16,
    reads="/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
    uploads_to="/admin/login/",
)


@pytest.mark.parametrize("service", PATHS)
def test_2500_half_requests_that_trickle_stop_nobody_else(shop: Shop, service: str) -> None:
    must_hold(shop, service, Plan(trickled=2500), SECONDS)


def test_slow_readers_and_slow_uploads_stop_nobody_else(shop: Shop) -> None:
    must_hold(shop, "product_service", SLOW, SECONDS)


def test_a_load_balancer_s_idle_connection_is_still_open_after_a_minute(shop: Shop) -> None:
    """That is how long those of AWS and nginx keep one, and then send the next request into it."""
    address = urlsplit(shop.url)
    balancer = HTTPConnection(str(address.hostname), address.port, timeout=10)
    balancer.connect()
    first = balancer.sock
    for pause in (61.0, 0.0):
        balancer.request("GET", "/health/live")
        assert balancer.getresponse().read()
        assert balancer.sock is first
        time.sleep(pause)
    balancer.close()
