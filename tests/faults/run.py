"""The whole-system fault run: shoppers, nemesis, healing, draining, audit.

    python -m tests.faults.run --seed 7 --seconds 60

prints the figures and exits with 1 when something was broken or too little was proved. The same
seed gives the same shoppers with the same plans and the same nemesis; what they meet depends on
the machine, so a red run is best replayed a few times. `--keep FOLDER` keeps journal and logs.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.local.folder import ROOT
from tests.faults import figures
from tests.faults.client import Tokens
from tests.faults.cpu import Neighbours
from tests.faults.figures import Bounds, Run
from tests.faults.goods import HOT
from tests.faults.journal import Journal
from tests.faults.nemesis import Nemesis
from tests.faults.observer import Observer
from tests.faults.shoppers import Shop, Shopper
from tests.faults.system import System

SHOPPERS = 34
HOT_STOCK = 150
HEAD_START_SECONDS = 1.0
ENOUGH_ORDERS = 310
# A run goes on until there are enough orders, for this many times its length at most. How many come
# in a minute is a matter of the machine: a slow one had 281 after two, and nothing else was wrong.
# A quick machine has them in time, so the patience costs it nothing.
LONGEST_FACTOR = 4.0


def fault_run(seed: int, *, seconds: float, folder: Path) -> Run:
    """One run on a system of its own; journal, logs and the orders' stories stay in `folder`."""
    journal = Journal(folder / "journal.jsonl")
    with (
        System(hot={HOT: HOT_STOCK}, workers=2) as system,
        Neighbours(system.members) as neighbours,
    ):
        siege = Siege(system, journal, neighbours, seed)
        drained = asyncio.run(siege.run(seconds))
        journal.close()
        run = Run(
            seed=seed,
            faults=siege.nemesis.faults,
            asked=list(journal.of("asked")),
            acknowledged=journal.numbers(),
            lives=siege.observer.lives(),
            repeated=siege.observer.repeated(),
            drain_seconds=drained,
            violations=audit(system, journal.path),
            others_share=neighbours.share,
            stretch=neighbours.stretch,
        )
        (folder / "stories.txt").write_text("\n".join(siege.observer.stories()))
        shutil.copytree(system.folder.logs, folder / "logs", dirs_exist_ok=True)
        return run


class Siege:
    """Shoppers and nemesis around one system."""

    def __init__(self, system: System, journal: Journal, neighbours: Neighbours, seed: int) -> None:
        self._system, self._journal, self._neighbours = system, journal, neighbours
        self.observer = Observer(system.orders_database)
        self.observer.watch_claims()
        self.nemesis = Nemesis(system, self.observer, seed)
        shop = Shop(system.shop_url, Tokens(system.secrets["STOREFRONT_SIGNING_KEY"]), journal)
        self._shoppers = [Shopper(shop, seed, number) for number in range(SHOPPERS)]

    async def run(self, seconds: float) -> float | None:
        """Besiege for `seconds` or longer; then heal, drain, and let everybody look once more.

        Returns how long the draining took, or None.
        """
        closing, began = asyncio.Event(), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for shopper in self._shoppers:
                group.create_task(shopper.run(closing))
            await asyncio.sleep(HEAD_START_SECONDS)
            group.create_task(self.nemesis.run(closing))
            await asyncio.sleep(seconds)
            while len(self._journal.numbers()) < ENOUGH_ORDERS and _has_time(began, seconds):
                await asyncio.sleep(0.5)
            closing.set()
        await asyncio.to_thread(heal, self._system)
        longest = figures.LONGEST_DRAIN_SECONDS * self._neighbours.stretch
        drained = await asyncio.to_thread(self.observer.drain, longest)
        for shopper in self._shoppers:
            await shopper.look_at_all()
        return drained


def _has_time(began: float, seconds: float) -> bool:
    return time.monotonic() - began < seconds * LONGEST_FACTOR


def heal(system: System) -> None:
    """Undo every fault there may be, and wait until the shop is whole."""
    system.proxy.heal()
    for name in system.members.names():
        system.members[name].signal(signal.SIGCONT)
        system.members.release(name)
    system.members.wait_until_up()


def audit(system: System, journal: Path, *, owner: str | None = None) -> list[str]:
    """The violations that the audit finds, in its own process.

    `owner` is who had a mail about each confirmed order: the shop's, unless told otherwise.
    """
    command = [sys.executable, "-m", "tests.faults.audit", f"--journal={journal}", "--drained"]
    command += [f"--orders={system.orders_database}", f"--products={system.products_database}"]
    command += [f"--provider={system.provider_url}", f"--mail={system.folder.mail}"]
    command += [f"--owner={system.owner if owner is None else owner}"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PAYMENT_PROVIDER_KEY": system.secrets["PAYMENT_PROVIDER_KEY"]},
        capture_output=True,
        text=True,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("I")]
    if done.returncode not in (0, 1) or bool(found) != bool(done.returncode):
        raise RuntimeError(f"The audit itself failed:\n{done.stdout}{done.stderr}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="The whole-system fault run.")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--keep", type=Path, help="folder for the journal and the logs")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="fault-run-"))
    folder.mkdir(parents=True, exist_ok=True)
    run = fault_run(chosen.seed, seconds=chosen.seconds, folder=folder)
    print(figures.show(run))
    wrong = run.shortcomings(Bounds())
    for line in wrong:
        print(f"RED {line}")
    print("" if wrong else "GREEN", f"journal, stories and logs: {folder}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
