"""`python -m order_service.tests.simulator`: play many histories, or replay one with its trace.

--seed N --histories M    seeds N to N+M-1; stops at the first that breaks an invariant
--seed N                  one history, every step of it
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
import traceback

import django


def main() -> int:
    parser = argparse.ArgumentParser(description="Plays histories of orders.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--histories", type=int, default=1)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "order_service.settings")
    django.setup()
    logging.disable(logging.CRITICAL)
    # Only importable with the settings in place.
    from order_service.tests.simulator.history import play  # noqa: PLC0415
    from order_service.tests.simulator.invariants import Broken  # noqa: PLC0415

    began = time.monotonic()
    steps = kills = 0
    for seed in range(chosen.seed, chosen.seed + chosen.histories):
        try:
            history = play(seed)
        except Exception as error:  # noqa: BLE001  (the outermost boundary: every break is told)
            print(*getattr(error, "__notes__", ()), sep="\n")
            if not isinstance(error, Broken):
                traceback.print_exc()
            print(f"seed {seed}: {error!r}")
            return 1
        steps, kills = steps + history.steps, kills + history.kills
    if chosen.histories == 1:
        print("\n".join(history.trace))
    seconds = time.monotonic() - began
    print(
        f"{chosen.histories} histories from seed {chosen.seed}: {steps} steps, {kills} workers"
        f" killed, every invariant held, {seconds:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
