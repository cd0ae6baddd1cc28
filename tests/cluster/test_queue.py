"""Without workers orders wait, the metrics count them, an alert calls; with workers all is well."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

from tests.cluster import books
from tests.cluster.conftest import Shop
from tests.cluster.kubectl import Kubectl, wait_until
from tests.cluster.pages import Visitor, products
from tests.cluster.prometheus import Prometheus, prometheus
from tests.cluster.receiver import receiver

ORDERS = 50
SHOPPERS = 3
QUEUE = 'max(celery_queue_length{queue_name="orders"})'
UNDECIDED = 'sum(max by (state) (techcommerce_orders{state!~"confirmed|cancelled"}))'
ALERT = "QueueNotConsumed"
STEADY_SECONDS = 60.0


def test_waiting_orders_are_counted_called_out_and_worked_off(
    healthy: Shop, kubectl: Kubectl, monitoring: Kubectl
) -> None:
    workers = kubectl.replicas("order-worker")
    wait_until(lambda: not books.undecided(kubectl), "all earlier orders are decided", 900)
    with prometheus(monitoring) as metrics, receiver(monitoring) as alerts:
        kubectl.scale("order-worker", 0)
        wait_until(lambda: not kubectl.pods("order-worker"), "the workers are gone", 120)
        try:
            taken = place_orders(healthy.url)
            counted_exactly(metrics)
            seconds = wait_until(lambda: alerts.got("firing", ALERT), "the alert arrives", 480)
            print(f"    {ALERT} reached the receiver {seconds:.0f} s later")
        finally:
            kubectl.scale("order-worker", workers)
        seconds = wait_until(
            lambda: books.confirmed(kubectl, taken) == ORDERS, "all orders are confirmed", 240
        )
        print(f"    all {ORDERS} confirmed {seconds:.0f} s after the workers came back")
        seconds = wait_until(lambda: alerts.got("resolved", ALERT), "the alert resolves", 480)
        print(f"    {ALERT} resolved {seconds:.0f} s later")
        assert metrics.value(QUEUE) == 0
    books.must_agree(kubectl, taken)


def place_orders(shop: str) -> list[str]:
    """ORDERS orders by a few shoppers at once; their numbers."""

    def buy(number: int) -> str:
        visitor = Visitor(shop, lambda seconds, wrong: None, keeps_connection=True)
        return visitor.order(products(shop), random.Random(number))

    with ThreadPoolExecutor(SHOPPERS) as shoppers:
        return list(shoppers.map(buy, range(ORDERS)))


def counted_exactly(metrics: Prometheus) -> None:
    """The queue and the undecided orders are ORDERS each, and stay so while nobody works."""

    def figures() -> tuple[float | None, float | None]:
        return metrics.value(QUEUE), metrics.value(UNDECIDED)

    deadline = time.monotonic() + 120
    while figures() != (ORDERS, ORDERS) and time.monotonic() < deadline:
        time.sleep(2)
    until = time.monotonic() + STEADY_SECONDS
    while time.monotonic() < until:
        assert figures() == (ORDERS, ORDERS)
        time.sleep(5)
    print(f"    queue length and undecided orders are {ORDERS} each, for {STEADY_SECONDS:.0f} s")
