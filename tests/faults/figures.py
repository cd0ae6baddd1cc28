"""The figures of a fault run, how they are printed, and which of them make it red."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.faults.journal import Entry
from tests.faults.nemesis import Fault
from tests.faults.observer import Life

SECOND = 1.0
LONGEST_RECOVERY_SECONDS = 15.0
LONGEST_DRAIN_SECONDS = 60.0


@dataclass(frozen=True)
class Bounds:
    """What a run must reach to have proved anything."""

    orders: int = 300
    repeated: int = 30
    faults: int = 15
    kinds: int = 6
    refused: int = 1  # for lack of stock: otherwise nobody could have been refused wrongly


@dataclass(frozen=True)
class Run:
    """Everything that a run left behind."""

    seed: int
    faults: Sequence[Fault]
    asked: Sequence[Entry]
    acknowledged: Sequence[str]  # numbers
    lives: Sequence[Life]
    repeated: int
    drain_seconds: float | None
    violations: Sequence[str]  # lines of the audit
    others_share: float = 0.0  # of the machine, while the run went on
    stretch: float = 1.0  # of bounds of time, because of the others

    @property
    def during_faults(self) -> int:
        return sum(any(f.covers(life.placed_at) for f in self.faults) for life in self.lives)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(_kind(fault) for fault in self.faults)

    @property
    def refused(self) -> int:
        return sum(life.reason == "out_of_stock" for life in self.lives)

    @property
    def hit(self) -> int:
        """Faults that found at least one unfinished order."""
        return sum(bool(fault.in_flight) for fault in self.faults)

    def recoveries(self) -> dict[str, list[float]]:
        """Seconds that orders unfinished at a strike still took to end, by kind of fault.

        Seconds in which another fault was on do not count: they are that fault's own.
        """
        found: dict[str, list[float]] = {}
        for fault, end in self._outlived():
            others = [each for each in self.faults if each is not fault]
            seconds = end - fault.struck_at - _covered(others, fault.struck_at, end)
            found.setdefault(_kind(fault), []).append(seconds)
        return found

    @property
    def longest_siege(self) -> float:
        """Seconds from a strike to the end of an order, whatever else struck meanwhile."""
        return max((end - fault.struck_at for fault, end in self._outlived()), default=0.0)

    def _outlived(self) -> Iterator[tuple[Fault, float]]:
        """Each fault with the end of each order that was unfinished when it struck."""
        ends = {life.number: life.ended_at for life in self.lives}
        for fault in self.faults:
            numbers = (number for each in fault.in_flight.values() for number in each)
            for end in map(ends.get, numbers):
                if end is not None:
                    yield fault, end

    def answered_within_a_second(self) -> float:
        quick = [each for each in self.asked if each["status"] and each["seconds"] <= SECOND]
        return len(quick) / max(len(self.asked), 1)

    def shortcomings(self, bounds: Bounds) -> list[str]:
        """Why the run is red: what it broke, and what it failed to prove."""
        placed = len(self.lives)
        longest = max((s for each in self.recoveries().values() for s in each), default=0.0)
        unhealed = [
            f"{_kind(fault)} {fault.target}" for fault in self.faults if not fault.healed_at
        ]
        checks = [
            (placed >= bounds.orders, f"only {placed} orders of {bounds.orders}"),
            (
                self.during_faults * 2 >= placed,
                f"only {self.during_faults} of {placed} orders were placed while a fault was on",
            ),
            (
                self.repeated >= bounds.repeated,
                f"only {self.repeated} orders with two or more attempts, of {bounds.repeated}",
            ),
            (self.hit >= bounds.faults, f"only {self.hit} faults found orders in flight"),
            (len(self.kinds) >= bounds.kinds, f"only {len(self.kinds)} kinds of faults"),
            (self.refused >= bounds.refused, "nothing was ever sold out"),
            (self.drain_seconds is not None, "orders were not finished in time after healing"),
            (
                longest <= LONGEST_RECOVERY_SECONDS * self.stretch,
                f"the longest recovery took {longest:.1f} s",
            ),
            (not unhealed, f"never came back: {', '.join(unhealed)}"),
        ]
        return [*self.violations, *(text for is_fine, text in checks if not is_fine)]


def show(run: Run) -> str:
    """The report that is printed after every run."""
    states = Counter(life.state for life in run.lives)
    reasons = Counter(life.reason for life in run.lives if life.reason)
    drained = "never" if run.drain_seconds is None else f"{run.drain_seconds:.1f} s"
    placed = max(len(run.lives), 1)
    lines = [
        f"seed {run.seed}",
        f"orders placed {len(run.lives)}, acknowledged {len(run.acknowledged)}; "
        f"{_counts(states)}; cancelled for {_counts(reasons)}",
        f"placed while a fault was active {run.during_faults} "
        f"({run.during_faults / placed:.0%}); with two or more attempts {run.repeated}",
        f"faults {len(run.faults)} of {len(run.kinds)} kinds, {run.hit} with orders in flight: "
        f"{_counts(run.kinds)}",
        f"POST /v1/orders asked {len(run.asked)} times, answered within 1 s "
        f"{run.answered_within_a_second():.1%}; statuses "
        f"{_counts(Counter(str(each['status'] or 'none') for each in run.asked))}",
        f"all terminal after healing: {drained}",
        f"longest from a strike to an order's end, through all that struck meanwhile: "
        f"{run.longest_siege:.1f} s",
        f"others used {run.others_share:.0%} of the machine meanwhile: bounds of time "
        f"(recovery {LONGEST_RECOVERY_SECONDS:.0f} s, draining {LONGEST_DRAIN_SECONDS:.0f} s) "
        f"count {run.stretch:.1f} times",
        "",
        f"{'struck':>7}  {'lasted':>6}  {'fault':<40} {'in flight':>9}  states (under a lease)",
        *_strikes(run.faults),
        "",
        f"{'recovery by kind of fault':<26}{'orders':>7}{'p50':>8}{'p99':>8}{'max':>8}  seconds",
        *_recovery_rows(run.recoveries()),
        "",
        _verdict(run),
    ]
    return "\n".join(lines)


def _verdict(run: Run) -> str:
    """Violations by invariant, in the words of the promise."""
    found = Counter(line.split()[0] for line in run.violations)
    promises = {
        "lost": ("I1",),
        "duplicated": ("I2",),
        "wrongly charged, or cents of drift": ("I3",),
        "stock adrift": ("I4",),
        "oversold or falsely sold out": ("I5",),
    }
    told = [f"{sum(found[i] for i in ids)} {name}" for name, ids in promises.items()]
    bound = 3 / max(len(run.acknowledged), 1)
    rest = sum(count for i, count in found.items() if i not in {"I1", "I2", "I3", "I4", "I5"})
    return (
        f"{', '.join(told)}, {rest} other violations; "
        f"with 95 % confidence fewer than {bound:.2%} of orders (3/n)"
    )


def _strikes(faults: Sequence[Fault]) -> Iterable[str]:
    began = min((fault.struck_at for fault in faults), default=0.0)
    for fault in sorted(faults, key=lambda each: each.struck_at):
        lasted = f"{fault.healed_at - fault.struck_at:.1f}" if fault.healed_at else "never"
        count = sum(map(len, fault.in_flight.values()))
        states = ", ".join(
            f"{state} {len(numbers)} ({len(fault.held.get(state, ()))})"
            for state, numbers in sorted(fault.in_flight.items())
        )
        name = f"{fault.kind} {fault.target}"
        yield f"{fault.struck_at - began:7.1f}  {lasted:>6}  {name:<40} {count:>9}  {states}"


def _recovery_rows(recoveries: dict[str, list[float]]) -> Iterable[str]:
    for kind, seconds in sorted(recoveries.items()):
        if seconds:
            p50, p99 = statistics.median(seconds), quantile(seconds, 0.99)
            row = f"{kind:<26}{len(seconds):>7}{p50:>8.2f}{p99:>8.2f}{max(seconds):>8.2f}"
            yield row


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def _covered(faults: Iterable[Fault], start: float, end: float) -> float:
    """Seconds between `start` and `end` in which at least one of the faults was on."""
    covered, reached = 0.0, start
    for fault in sorted(faults, key=lambda each: each.struck_at):
        begins, ends = max(fault.struck_at, reached), min(fault.healed_at or end, end)
        if ends > begins:
            covered, reached = covered + ends - begins, ends
    return covered


def _kind(fault: Fault) -> str:
    return f"edge {fault.kind}" if fault.is_edge else fault.kind


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common()) or "none"
