"""Single statements of a script, and the one in which a linter found something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# What may hold a semicolon that ends no statement; comments are told from the rest by their start.
TOKENS = re.compile(
    rb"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'|\"[^\"]*\"|;", re.DOTALL
)


@dataclass(frozen=True)
class Place:
    """Something found in a script; every text has single spaces and no comments."""

    found: str
    before: str  # of its statement
    statement: str
    until: tuple[str, ...]  # all statements up to its own

    @classmethod
    def of(cls, script: str, found: Mapping[str, Any]) -> Place:
        """`found` is one of squawk's, which counts lines, and bytes within them, from zero."""
        sql, lines = script.encode(), script.encode().splitlines(keepends=True)
        start = sum(map(len, lines[: found["line"]])) + found["column"]
        end = sum(map(len, lines[: found["line_end"]])) + found["column_end"]
        spans = [(a, b) for a, b in _spans(sql) if a <= start]
        first, last = spans[-1]
        until = tuple(_plain(sql[a:b]) for a, b in spans)
        return cls(_plain(sql[start:end]), _plain(sql[first:start]), _plain(sql[first:last]), until)


def statements(script: str) -> list[str]:
    """Each with single spaces and without comments."""
    sql = script.encode()
    return [plain for a, b in _spans(sql) if (plain := _plain(sql[a:b]))]


def _spans(sql: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    for token in TOKENS.finditer(sql):
        if token[0] == b";":
            yield start, token.end()
            start = token.end()
    yield start, len(sql)


def _plain(sql: bytes) -> str:
    bare = TOKENS.sub(lambda token: b" " if token[0][:2] in (b"--", b"/*") else token[0], sql)
    return " ".join(bare.decode().split()).removesuffix(";").rstrip()
