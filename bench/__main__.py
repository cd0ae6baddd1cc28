"""`make bench`: the shop's first figures, from one run on this machine.

`make bench ARGS=front_door` measures one part alone: trade or front_door.

Everything runs here: PostgreSQL, Redis, the services and the load itself, so the ratios say more
than the figures. Aims are marked; nothing fails when one is missed.
"""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from collections.abc import Mapping

from bench import front_door, lists, orders, statements
from bench.front_door import Siege
from bench.lists import Served
from bench.orders import Trade
from tests.faults import goods
from tests.faults.system import System
from tests.front_door.attack import Plan
from tests.shop import Shop

HOT = "HOT-BENCH"
MIB = 1024 * 1024


def main(asked: list[str]) -> int:
    if unknown := set(asked) - PARTS.keys():
        print(f"There is no part {min(unknown)!r}. Parts: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")
    for name in asked or PARTS:
        PARTS[name]()
    return 0


def measure_trade() -> None:
    with System(hot={HOT: 100_000}, times={}, has_proxy=False) as system:
        system.manage("product_service", "seed_demo")
        _show_lists(lists.compare(system))
        _show_statements(statements.count(system))
        skus = [goods.name(number) for number in range(goods.COUNT)]
        orders.trade(system, "warm-up", skus, orders=50)
        spread = orders.trade(system, "spread", skus)
        _show_trade("orders of 200 SKUs", spread)
        hot = orders.trade(system, "hot", [HOT])
        _show_trade("orders of one hot SKU", hot)
        ratio = hot.confirmed_per_second / spread.confirmed_per_second
        print(f"  hot / spread, confirmed a second        {ratio:8.2f}")
        _show_memory(system.members.memory_bytes())
        for how in ("refused", "frozen"):
            away = orders.without_redis(system, how)
            _show_trade(f"200 orders, Redis {how}", away, p99_aim_ms=300.0)


def measure_front_door() -> None:
    print(f"\n{front_door.SECONDS:.0f} s of clients that hold on to a service, {Plan()}")
    with Shop() as shop:
        for siege in front_door.besiege(shop):
            _show_siege(siege)


def _show_lists(served: Mapping[str, Served]) -> None:
    print("\nproduct list (2 workers of one thread, a connection a request)")
    for name, each in served.items():
        load = each.load
        print(
            f"  {name:<12}{load.per_second:7.0f}/s  p50 {load.p50_ms:5.1f} ms  "
            f"p99 {load.p99_ms:5.1f} ms  server CPU {each.cpu_ms:5.2f} ms  "
            f"{load.body_bytes} bytes  (load generator: {load.own_cores:.2f} cores)"
        )
    bare = (served["bare"].load.per_second + served["bare again"].load.per_second) / 2
    bare_cpu = (served["bare"].cpu_ms + served["bare again"].cpu_ms) / 2
    warm, cold = served["warm"].load.per_second, served["cold"].load.per_second
    print(f"  warm / bare, requests a second          {_at_least(warm / bare, 0.7)}")
    print(f"  bare / warm, CPU a request              {bare_cpu / served['warm'].cpu_ms:8.2f}")
    print(f"  cold / bare, requests a second          {cold / bare:8.2f}")


def _show_statements(counts: Mapping[str, Counter[str]]) -> None:
    print("\nstatements a request (without transaction control)")
    for name, count in counts.items():
        where = ", ".join(f"{database} {each}" for database, each in count.most_common())
        print(f"  {name:<40}{count.total():8d}  {where}")


def _show_trade(title: str, trade: Trade, *, p99_aim_ms: float | None = None) -> None:
    """The rates have an aim with Redis, and the time of placing has one without."""
    has_redis = p99_aim_ms is None
    print(f"\n{title}, {orders.BUYERS} buyers")
    accepted = _at_least(trade.accepted_per_second, 150 if has_redis else None)
    confirmed = _at_least(trade.confirmed_per_second, 60 if has_redis else None)
    print(f"  accepted a second                       {accepted}")
    print(f"  confirmed a second                      {confirmed}")
    print(f"  confirmed a second once placing is over {trade.drained_per_second:8.0f}")
    print(f"  placing p50, ms                         {trade.p50_ms:8.0f}")
    print(f"  placing p99, ms                         {_at_most(trade.p99_ms, p99_aim_ms)}")
    parts = sorted(trade.cpu_ms.items(), key=lambda each: -each[1])
    shown = ", ".join(f"{name} {spent:.1f}" for name, spent in parts if spent >= 0.1)
    print(f"  CPU an order, ms                        {sum(trade.cpu_ms.values()):8.1f}: {shown}")


def _show_siege(siege: Siege) -> None:
    before, most = siege.before_bytes / MIB, siege.most_bytes / MIB
    print(f"  {siege.service}: {siege.connections} connections held, {siege.visits} visits")
    print(f"    visits that failed                    {len(siege.failures):8d}  (aim 0)")
    print(f"    visits p50, ms                        {siege.p50_ms:8.0f}")
    print(f"    visits p99, ms                        {_at_most(siege.p99_ms, 1000)}")
    print(f"    memory before and at most, MiB        {before:8.0f} {most:8.0f}")


def _show_memory(memory: Mapping[str, int]) -> None:
    print("\nmemory, MiB (shared pages counted once)")
    for name, size in sorted(memory.items(), key=lambda each: -each[1]):
        if size:
            print(f"  {name:<40}{size / MIB:8.0f}")
    print(f"  {'all':<40}{sum(memory.values()) / MIB:8.0f}")


def _at_least(value: float, aim: float | None) -> str:
    shown = f"{value:8.2f}" if aim and aim < 10 else f"{value:8.0f}"
    return f"{shown}  (aim {aim:g}{'' if value >= aim else ': SHORT'})" if aim else shown


def _at_most(value: float, aim: float | None) -> str:
    shown = f"{value:8.0f}"
    return f"{shown}  (aim under {aim:g}{'' if value < aim else ': SHORT'})" if aim else shown


PARTS = {"trade": measure_trade, "front_door": measure_front_door}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
