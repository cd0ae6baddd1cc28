"""`make bench`: the shop's figures, from one run on this machine.

make bench                       everything, about ten minutes
make bench ARGS=storefront       one part: trade, storefront or front_door
make bench ARGS=--write          everything, and the table of docs/performance.md with it

Everything runs here: PostgreSQL, Redis, the services and the load itself, so the ratios say more
than the figures. Aims are marked; nothing fails when one is missed.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench import part_front_door, part_storefront, part_trade
from bench.report import Report

PARTS = {
    "trade": part_trade.measure,
    "storefront": part_storefront.measure,
    "front_door": part_front_door.measure,
}
WRITE = "--write"


def main(asked: list[str]) -> int:
    parts = [each for each in asked if each != WRITE]
    if unknown := set(parts) - PARTS.keys():
        print(f"There is no part {min(unknown)!r}. Parts: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    if parts and WRITE in asked:
        print(f"{WRITE} replaces the whole table, so it measures all parts.", file=sys.stderr)
        return 2
    report, began = Report(), time.monotonic()
    print(_machine())
    for name in parts or PARTS:
        PARTS[name](report)
    print(f"\n{report.markdown()}\nMeasured in {(time.monotonic() - began) / 60:.1f} minutes.")
    if WRITE in asked:
        report.write(_machine())
    return 0


def _machine() -> str:
    today = datetime.now(UTC).date()
    python = platform.python_version()
    return f"{today}, {os.cpu_count()} cores, {_processor()}, {platform.system()}, Python {python}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
