"""What decides whether work of an earlier start has to be done again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from deploy.local.folder import ROOT


def of(*parts: str, files: Iterable[Path] = ()) -> str:
    """A fingerprint of texts and of the names and contents of files."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    for file in sorted(files):
        digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def migration_files(service: str) -> list[Path]:
    return list((ROOT / service).glob("**/migrations/*.py"))


def static_files(service: str) -> list[Path]:
    """What collectstatic gathers: the files of the service and the chassis, and the packages' by
    their lock."""
    found = (file for name in (service, "chassis") for file in (ROOT / name).glob("**/static/**/*"))
    return [*(file for file in found if file.is_file()), ROOT / "requirements" / "runtime.txt"]


def demo_files() -> list[Path]:
    demo = ROOT / "product_service" / "demo"
    return [file for file in demo.glob("**/*") if file.is_file() and file.suffix != ".pyc"]
