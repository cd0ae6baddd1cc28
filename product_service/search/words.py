"""The text of a tsquery for what a shopper typed: `wi-fi "desk lamp" -red` and the like.

    wi-fi          the word as PostgreSQL reads it, or its parts side by side, or wifi
    ac/dc          the word, or its parts anywhere
    "desk lamp"    these words side by side
    -red           not this word; only beside a word that is looked for
    everything else that is no letter or digit means nothing

The last word may be unfinished, unless it is quoted. Whatever PostgreSQL's parser finds no word in
drops out of the query there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from product_service.search.joined import INNER_SIGNS

WORDS_MAX = 12
TERM = re.compile(r'(?<!\S)(?P<minus>-?)(?:"(?P<phrase>[^"]*)"(?!\S)|(?P<word>\S+))')
PART = re.compile(r"[^\W_]+")
BETWEEN_WORDS = str.maketrans(dict.fromkeys(",;+&|()[]{}<>", " "))
WITHOUT_SIGNS = str.maketrans("", "", INNER_SIGNS)


@dataclass(frozen=True)
class TextQuery:
    """What `to_tsquery` takes; plain if it has neither quotes nor a minus."""

    sql: str
    is_plain: bool


@dataclass(frozen=True)
class _Term:
    sql: str
    is_plain: bool = True
    is_minus: bool = False


def text_query(text: str) -> TextQuery:
    """All terms of `text` together; empty if it has no letter and no digit."""
    matches = TERM.finditer(text.translate(BETWEEN_WORDS))
    found = [match for match in matches if PART.search(match[0])][:WORDS_MAX]
    terms = [_term(match, is_last=match is found[-1]) for match in found]
    if all(term.is_minus for term in terms):
        terms = [_Term(term.sql) for term in terms]
    signed = (f"!({term.sql})" if term.is_minus else f"({term.sql})" for term in terms)
    return TextQuery(" & ".join(signed), all(term.is_plain for term in terms))


def _term(match: re.Match[str], *, is_last: bool) -> _Term:
    is_minus = bool(match["minus"])
    if match["phrase"] is not None:
        return _Term(
            _side_by_side(PART.findall(match["phrase"])), is_plain=False, is_minus=is_minus
        )
    ending = ":*" if is_last and not is_minus else ""
    return _Term(_word(match["word"], ending), is_plain=not is_minus, is_minus=is_minus)


def _word(word: str, ending: str) -> str:
    parts = PART.findall(word)
    if len(parts) < 2:
        return _side_by_side(parts, ending)
    apart = " & ".join(_side_by_side([part]) for part in parts[:-1])
    spellings = (
        _quoted(word) + ending,
        f"({apart} & {_side_by_side(parts[-1:], ending)})" if "/" in word else "",
        _side_by_side(parts, ending),
        _side_by_side(PART.findall(word.translate(WITHOUT_SIGNS)), ending),
    )
    return " | ".join(dict.fromkeys(filter(None, spellings)))


def _side_by_side(parts: list[str], ending: str = "") -> str:
    together = " <-> ".join(_quoted(part) for part in parts)
    return f"({together}{ending})" if parts else ""


def _quoted(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
