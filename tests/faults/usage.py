"""What processes use, from /proc: CPU time and memory (Linux only).

The processes of a program are its process group, the children of those, and their children:
PostgreSQL makes each of its backends the leader of a group of its own. The time of children that
have ended counts as soon as their parent has collected them, as every server here does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
# Places in /proc/PID/stat behind the name, see proc(5).
PARENT, GROUP, OWN_TIMES, WITH_CHILDREN = 1, 2, slice(11, 13), slice(11, 15)
IDLE, IOWAIT = 3, 4


def cpu_seconds(leaders: Mapping[str, int]) -> dict[str, float]:
    """CPU time of programs so far, by name; each is given by the process that leads its group."""
    found = _stats()
    return {
        name: TICK_SECONDS * sum(_ticks(found[pid], WITH_CHILDREN) for pid in _tree(found, leader))
        for name, leader in leaders.items()
    }


def memory_bytes(leaders: Mapping[str, int]) -> dict[str, int]:
    """Proportional set size of programs: a page that several processes share counts once in all."""
    found = _stats()
    return {name: sum(map(_pss_bytes, _tree(found, leader))) for name, leader in leaders.items()}


def pids(leader: int) -> set[int]:
    """The processes of a program."""
    return _tree(_stats(), leader)


def ticks_of_groups(groups: Iterable[int]) -> dict[int, int]:
    """User and system ticks by pid, of the processes in these groups."""
    wanted = set(groups)
    return {
        pid: _ticks(fields, OWN_TIMES)
        for pid, fields in _stats().items()
        if int(fields[GROUP]) in wanted
    }


def machine_ticks() -> tuple[int, int]:
    """Ticks that all cores worked, and all ticks there were; see proc_stat(5)."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(fields) - fields[IDLE] - fields[IOWAIT], sum(fields)


def _stats() -> dict[int, list[str]]:
    """Fields behind the name, of every process that lives or waits to be collected."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    return found


def _tree(found: Mapping[int, list[str]], leader: int) -> set[int]:
    """The group of the leader, and what descends from it."""
    tree = {pid for pid, fields in found.items() if int(fields[GROUP]) == leader}
    newest = tree
    while newest:
        newest = {pid for pid, fields in found.items() if int(fields[PARENT]) in newest} - tree
        tree |= newest
    return tree


def _ticks(fields: list[str], places: slice) -> int:
    return sum(map(int, fields[places]))


def _pss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
