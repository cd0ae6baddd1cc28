"""The finished pictures of the demo shop: WebP files of 560 x 560, which a manifest lists by name.

A name is `<shape>-<finish>-<wallpaper>`, for example `phone-graphite-ember`.
"""

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
    """Every picture by its name. Wallpapers come in the order in which products take them."""
    text = (FOLDER / "manifest.json").read_text(encoding="utf-8")
    return {name: Picture(**entry) for name, entry in json.loads(text).items()}


@cache
def names(shape: str, finish: str) -> tuple[str, ...]:
    """The pictures of a shape in a finish, one for each wallpaper."""
    return tuple(name for name in manifest() if name.startswith(f"{shape}-{finish}-"))
