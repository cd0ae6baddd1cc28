"""Where the servers of the tests keep data that dies with the run."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 6 << 30  # PostgreSQL may keep a gigabyte of log for each of five clusters


def base() -> Path:
    """Memory, if there is plenty that runs programs: a disk costs a tenth more CPU time.

    Else the folder for temporary files; but root's servers run as nobody, who may be unable to
    enter TMPDIR.
    """
    return MEMORY if _is_roomy(MEMORY) else _disk()


def left(pattern: str) -> list[Path]:
    """What earlier runs left, wherever they found room: it may be what takes the room now."""
    return [path for folder in {MEMORY, _disk()} for path in folder.glob(pattern)]


def _disk() -> Path:
    return Path("/var/tmp" if os.geteuid() == 0 else tempfile.gettempdir())


def _is_roomy(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    runs_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return runs_programs and shutil.disk_usage(folder).free >= ENOUGH_BYTES
