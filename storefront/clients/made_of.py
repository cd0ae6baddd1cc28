"""The versions of the catalogue that the answers behind one page were made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "Catalogue-Version"
NONE = ""  # a call that failed, or an answer that is not made of the catalogue alone

_versions: ContextVar[set[str] | None] = ContextVar("catalogue_versions", default=None)


@contextmanager
def versions() -> Iterator[set[str]]:
    """A set that holds, after the block, the version of each answer used in it, NONE included."""
    used: set[str] = set()
    token = _versions.set(used)
    try:
        yield used
    finally:
        _versions.reset(token)


def note(version: str) -> None:
    """An answer of that version is used."""
    used = _versions.get()
    if used is not None:
        used.add(version)
