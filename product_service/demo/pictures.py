"""The finished pictures that ship with the demo shop; `tools/demo_pictures` draws them anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class Picture:
    """One WebP file: `pictures/<sha256>.webp`."""

    sha256: str
    width: int
    height: int
    alt: str

    def read(self) -> bytes:
        return (FOLDER / f"{self.sha256}.webp").read_bytes()


@cache
def manifest() -> dict[str, Picture]:
    """Every picture by its name."""
    text = (FOLDER / "manifest.json").read_text(encoding="utf-8")
    return {name: Picture(**entry) for name, entry in json.loads(text).items()}
