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

from product_service.search.joined import INNER_SIGNS

WORDS_MAX = 12
TERM = re.compile(r'(?<!\S)(?P<minus>-?)(?:"(?P<phrase>[^"]*)"(?!\S)|(?P<word>\S+))')
PART = re.compile(r"[^\W_]+")
BETWEEN_WORDS = str.maketrans(dict.fromkeys(",;+&|()[]{}<>", " "))
WITHOUT_SIGNS = str.maketrans("", "", INNER_SIGNS)


def text_query(text: str) -> tuple[str, bool]:
    """All terms of `text` together as `to_tsquery` takes them; "" if it has no letter and no digit.

    With it, whether the text is plain: without quotes and minus. Where every term has a minus, none
    counts.
    """
    matches = TERM.finditer(text.translate(BETWEEN_WORDS))
    found = [match for match in matches if PART.search(match[0])][:WORDS_MAX]
    if all(match["minus"] for match in found):
        return " & ".join(f"({_term(match)})" for match in found), True
    terms = (
        f"{'!' if match['minus'] else ''}({_term(match, is_last=match is found[-1])})"
        for match in found
    )
    is_plain = not any(match["minus"] or match["phrase"] is not None for match in found)
    return " & ".join(terms), is_plain


def _term(match: re.Match[str], *, is_last: bool = False) -> str:
    if match["phrase"] is not None:
        return _side_by_side(PART.findall(match["phrase"]))
    return _word(match["word"], ":*" if is_last and not match["minus"] else "")


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
