"""What a fault run counts as recovery."""

from __future__ import annotations

import pytest

from tests.faults.figures import Bounds, Run
from tests.faults.nemesis import Fault
from tests.faults.observer import Life


def fault(struck: float, healed: float, *numbers: str, kind: str = "kill") -> Fault:
    return Fault(kind, "somebody", struck, {"placed": list(numbers)}, {}, healed_at=healed)


def run(*faults: Fault, ended: float) -> Run:
    life = Life("TC-1", "confirmed", "", 0.0, ended)
    return Run(1, faults, [], ["TC-1"], [life], repeated=0, drain_seconds=0.0, violations=[])


def test_seconds_in_which_another_fault_was_on_are_not_counted() -> None:
    own = fault(10, 12, "TC-1")
    others = [fault(8, 13, kind="wipe"), fault(12.5, 16, kind="wipe"), fault(20, 99, kind="wipe")]
    done = run(own, *others, ended=22)
    assert done.recoveries()["kill"] == pytest.approx([4.0])  # 16 to 20
    assert done.longest_siege == pytest.approx(12.0)


def test_what_a_fault_alone_holds_up_too_long_is_told() -> None:
    slow = run(fault(10, 12, "TC-1"), fault(11, 12), ended=40)
    assert "the longest recovery took 29.0 s" in slow.shortcomings(Bounds())
    quick = run(fault(10, 12, "TC-1"), fault(12, 39), ended=40)
    assert not [each for each in quick.shortcomings(Bounds()) if "recovery" in each]
