"""`storefront`: whole purchases through its forms, its pages, and the memory of an idle shop."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bench import idle, pages, purchases, serving
from bench.meter import used_by_programs
from bench.report import Report
from tests import purchase
from tests.faults import goods
from tests.shop import Shop

MIB = 1024 * 1024
ROUNDS = 3
RESTING_SECONDS = 10.0
MEMORY_AIM = 600
REVIEW_BYTES = 12_000  # about what the review page has, the one page that a purchase loads
FLOOR_SECONDS = 3.0


class ShopAsRun(Shop):
    """What `make run` starts; its supervisor is this process here."""

    web: Mapping[str, str] = {}

    def programs(self) -> list[str]:
        return [name for name in super().programs() if name != "order-dispatcher-2"]


def measure(report: Report) -> None:
    with ShopAsRun() as shop:
        goods.stock_up(shop.products_database, hot={})
        report.heading("memory of all processes (shared pages counted once)")
        _show_memory(report, shop, "memory, idle, just started", aim=MEMORY_AIM)
        report.heading(f"an idle shop, {idle.ORDERS} orders one at a time")
        decided = idle.decided(shop)
        report.figure("placed to confirmed, p50", decided.p50_ms, "ms", at_most=120)
        report.figure("placed to confirmed, p99", decided.p99_ms, "ms", at_most=300)
        _buy(report, shop)
        _show_floor(report, shop)
        _show_pages(report, shop)
        report.heading("memory of all processes after all that")
        _show_memory(report, shop, "memory, idle again")


def _buy(report: Report, shop: Shop) -> None:
    skus = [goods.name(number) for number in range(goods.COUNT)]
    purchases.purchases(shop, "warm-up", skus, count=24)
    runs = [purchases.purchases(shop, f"run-{number}", skus) for number in range(ROUNDS)]
    run = purchases.median(runs)
    report.heading(f"{purchases.COUNT} purchases through the forms, {purchases.BUYERS} buyers")
    report.figure("failed", sum(len(each.failures) for each in runs), at_most=0)
    report.figure("accepted", run.accepted_per_second, "/s")
    report.figure("confirmed, until the last one", run.confirmed_per_second, "/s")
    report.figure("a whole purchase, p50", run.whole_p50_ms, "ms")
    report.figure("its last step, p50", run.place_p50_ms, "ms")
    report.figure("its last step, p99", run.place_p99_ms, "ms")
    report.figure("CPU of the machine a purchase", run.used.machine, "ms", at_most=65)
    report.figure("CPU of the shop a purchase", run.used.all, "ms", note=used_by_programs(run.used))


def _show_floor(report: Report, shop: Shop) -> None:
    """What no storefront under these settings goes below: it says nothing of its own."""
    with serving.bare_view(shop, REVIEW_BYTES, like=pages.STOREFRONT) as bare:
        served = serving.serve(shop, serving.BARE, bare, ["/"], FLOOR_SECONDS, keeps=True)
    floor = served.cpu_ms * purchase.REQUESTS
    report.figure("floor: as many requests to a bare view, CPU", floor, "ms")


def _show_pages(report: Report, shop: Shop) -> None:
    report.heading("anonymous pages, warm, of a bare view of as many bytes")
    for page in pages.compare(shop):
        size = f"{page.per_second:.0f}/s, {page.cpu_ms:.2f} ms of CPU, {page.body_bytes} bytes"
        report.figure(
            f"{page.name}, of a bare view's requests a second",
            page.of_bare,
            at_least=0.5,
            note=size,
        )
        report.figure(f"{page.name}, CPU a request, bare view / page", page.cpu_of_bare)


def _show_memory(report: Report, shop: Shop, what: str, *, aim: float | None = None) -> None:
    time.sleep(RESTING_SECONDS)
    memory = shop.members.memory_bytes()
    total = sum(memory.values()) / MIB
    report.figure(what, total, "MiB", at_most=aim, note=_by_size(memory))


def _by_size(memory: Mapping[str, int]) -> str:
    sizes = sorted(memory.items(), key=lambda each: -each[1])
    return ", ".join(f"{name} {size / MIB:.0f}" for name, size in sizes if size)
