"""Numbers as people type them: read when there is one way to read them, refused when there are two.

    10   10.50   10,50   1 299,00   1,299.00   1'299.00   1.299.000      read
    10,000   1.000                                                       10, or 10 thousand? refused

A single dot or comma before exactly three digits may be a decimal sign or divide thousands. Spaces
and apostrophes only ever divide thousands. Digits of every script count. API clients send JSON
numbers and amounts like "10.50", whose format leaves no choice; they are not read here.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError

PLAIN = re.compile(r"(\d+)(?:[.,](\d+))?|[.,](\d+)")
GROUPS = {  # what divides thousands: the decimal signs that may follow
    "’": ".,",
    " ": ".,",
    ",": ".",
    ".": ",",
}
AMBIGUOUS = re.compile(r"([-+]?[1-9]\d{0,2})[.,](\d{3})")
ALIASES = str.maketrans(
    {"'": "’", "\u2212": "-", "\u066b": ".", **dict.fromkeys("\xa0\u2009\u202f", " ")}
)
LONGEST = 40  # characters
NOT_A_NUMBER = "Enter a number like 1299.50, without a unit or a currency sign."


def read_number(text: str, *, places: int = 4) -> Decimal:
    """The number that `text` says.

    Raises ValidationError: code "ambiguous" names both readings of a text that has two, "invalid"
    is for everything else that is no number. `places`, the decimals that are taken, only chooses
    how the advice is written.
    """
    typed = "".join(map(_western, text.strip().translate(ALIASES)))
    if found := AMBIGUOUS.fullmatch(typed):
        readings = _readings(found[1], found[2], places)
        raise ValidationError(f"“{text.strip()}” can mean {readings}", "ambiguous")
    sign = "-" if typed.startswith("-") else ""
    digits = _plain(_ungrouped(typed[1:] if typed[:1] in ("-", "+") else typed))
    if digits is None or len(typed) > LONGEST:
        raise ValidationError(NOT_A_NUMBER, "invalid")
    return Decimal(sign + digits)


def written(number: Decimal) -> str:
    """`number` for a field that may be sent back as it is: there is one way to read it."""
    text = f"{number.normalize():f}"
    return f"{text}0" if AMBIGUOUS.fullmatch(text) else text


def _western(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _ungrouped(text: str) -> str:
    """Without what divides thousands, if it stands before each three digits and nowhere else."""
    for divider, decimals in GROUPS.items():
        grouped = re.fullmatch(
            rf"([1-9]\d{{0,2}}(?:{re.escape(divider)}\d{{3}})+)([{decimals}]\d+)?", text
        )
        if grouped:
            return grouped[1].replace(divider, "") + (grouped[2] or "")
    return text


def _plain(text: str) -> str | None:
    found = PLAIN.fullmatch(text)
    return f"{found[1] or 0}.{found[2] or found[3] or 0}" if found else None


def _readings(head: str, tail: str, places: int) -> str:
    small, large = Decimal(f"{head}.{tail}"), Decimal(head + tail)
    both = f"{small.normalize():f} or {large}"
    if not places:
        return f"{both}. Type it without a dot or a comma."
    if small != round(small, places):
        return f"{both}. Type it without a dot or a comma, or with {places} decimals at most."
    exact = f"{small:.2f}" if small == int(small) else written(small)
    return f"{both}. Type {exact} or {large}."
