"""`trade`: the API of the services, without the storefront; product lists, orders, statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import median

from bench import lists, orders, statements
from bench.meter import used_by_programs
from bench.orders import Trade
from bench.report import Report
from bench.serving import Served
from tests.faults import goods
from tests.faults.system import System

HOT = "HOT-BENCH"
ROUNDS = 3


class ServicesAsRun(System):
    """With as many processes of a service as in `make run`."""

    web: Mapping[str, str] = {}


def measure(report: Report) -> None:
    with ServicesAsRun(hot={HOT: 100_000}, times={}, has_proxy=False) as system:
        system.manage("product_service", "seed_demo")
        _show_lists(report, lists.compare(system))
        _show_statements(report, statements.count(system))
        _trade(report, system)
        for how in ("refused", "frozen"):
            away = orders.without_redis(system, how)
            report.heading(f"{orders.WITHOUT_REDIS} orders, Redis {how}, {orders.BUYERS} buyers")
            report.figure("accepted", away.accepted_per_second, "/s")
            report.figure("confirmed", away.confirmed_per_second, "/s")
            report.figure("placing p99", away.p99_ms, "ms", at_most=300)


def _trade(report: Report, system: System) -> None:
    """Orders of many products and of one, in turns."""
    skus = [goods.name(number) for number in range(goods.COUNT)]
    orders.trade(system, "warm-up", skus, orders=50)
    runs = [
        (orders.trade(system, f"spread-{n}", skus), orders.trade(system, f"hot-{n}", [HOT]))
        for n in range(ROUNDS)
    ]
    spread = orders.median([each for each, _ in runs])
    report.heading(f"{orders.ORDERS} orders of {len(skus)} SKUs, {orders.BUYERS} buyers")
    _show_trade(report, spread)
    report.heading(f"{orders.ORDERS} orders of one hot SKU, {orders.BUYERS} buyers")
    _show_trade(report, orders.median([each for _, each in runs]), has_aims=False)
    ratio = median(hot.confirmed_per_second / spread.confirmed_per_second for spread, hot in runs)
    report.figure("hot / spread, confirmed", ratio, at_least=0.9)


def _show_lists(report: Report, served: Mapping[str, Served]) -> None:
    report.heading("product list (2 workers of one thread, a connection a request)")
    for name, each in served.items():
        load = each.load
        report.note(
            f"{name:<12}{load.per_second:7.0f}/s  p50 {load.p50_ms:5.1f} ms  "
            f"p99 {load.p99_ms:5.1f} ms  server CPU {each.cpu_ms:5.2f} ms  "
            f"{load.body_bytes} bytes  (load generator: {load.own_cores:.2f} cores)"
        )
    bare = (served["bare"].load.per_second + served["bare again"].load.per_second) / 2
    bare_cpu = (served["bare"].cpu_ms + served["bare again"].cpu_ms) / 2
    warm, cold = served["warm"].load.per_second, served["cold"].load.per_second
    report.figure("warm / bare, requests a second", warm / bare, at_least=0.7)
    report.figure("bare / warm, CPU a request", bare_cpu / served["warm"].cpu_ms)
    report.figure("cold / bare, requests a second", cold / bare)


def _show_statements(report: Report, counts: Mapping[str, Counter[str]]) -> None:
    report.heading("statements a request (without transaction control)")
    for name, count in counts.items():
        where = ", ".join(f"{database} {each}" for database, each in count.most_common())
        report.figure(name, float(count.total()), note=where)


def _show_trade(report: Report, trade: Trade, *, has_aims: bool = True) -> None:
    def aim(value: float) -> float | None:
        return value if has_aims else None

    figure = report.figure
    figure("accepted", trade.accepted_per_second, "/s", at_least=aim(150))
    figure("confirmed, until the last one", trade.confirmed_per_second, "/s", at_least=aim(100))
    figure("confirmed once placing is over", trade.drained_per_second, "/s", at_least=aim(150))
    figure("confirmed and mailed, until the last mail", trade.mailed_per_second, "/s")
    figure("placing p50", trade.p50_ms, "ms")
    figure("placing p99", trade.p99_ms, "ms", at_most=aim(120))
    used, parts = trade.used, used_by_programs(trade.used)
    figure("CPU of the shop an order, with its mails", used.all, "ms", at_most=aim(18), note=parts)
    figure("CPU of the machine an order", used.machine, "ms")
