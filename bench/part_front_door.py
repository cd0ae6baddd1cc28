"""`front_door`: each service under clients that hold on to it."""

from __future__ import annotations

from bench import front_door
from bench.front_door import Siege
from bench.report import Report
from tests.front_door.attack import Plan
from tests.shop import Shop

MIB = 1024 * 1024


def measure(report: Report) -> None:
    report.note(f"{front_door.SECONDS:.0f} s of clients that hold on to a service, {Plan()}")
    with Shop() as shop:
        for siege in front_door.besiege(shop):
            _show(report, siege)


def _show(report: Report, siege: Siege) -> None:
    report.heading(f"{siege.service} while clients hold on to it")
    report.note(f"{siege.connections} connections held, {siege.visits} visits")
    report.figure("visits that failed", float(len(siege.failures)), at_most=0)
    report.figure("visits p50", siege.p50_ms, "ms")
    report.figure("visits p99", siege.p99_ms, "ms", at_most=1000)
    report.figure("memory before", siege.before_bytes / MIB, "MiB")
    report.figure("memory at most", siege.most_bytes / MIB, "MiB")
