"""Options as people type them, and the variants that they make.

Of a whole product, a line an option:

    Colour: Green, Black
    Size: S, M, L

Of one variant: `Colour: Green / Size: S`. A value that holds a comma is possible: a line with a
semicolon is divided at its semicolons alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, product

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from chassis.text import validate_line

VARIANTS_MAX = 200
OPTIONS_MAX = 5
VALUE_MAX = 80  # characters of a value such as "Graphite"
NAME_MAX = 60  # of an option such as "Colour"
SKU_MAX = 64
SKU_PART_MAX = 12  # of a value in a SKU that we make
SKU_BASE_MAX = 30

Values = Mapping[str, Sequence[str]]  # by the option's name, in their order
Choice = dict[str, str]  # one variant's value by the option's name

LINE_LIKE = "Write a line for each option, like “Colour: Green, Black”."
CHOICE_LIKE = "Write options like “Colour: Green / Size: S”."


def read_options(text: str) -> dict[str, list[str]]:
    """The values of each option. Raises ValidationError if it cannot be read or makes too many."""
    options: dict[str, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, rest = (part.strip() for part in line.partition(":"))
        values = [value.strip() for value in rest.split(";" if ";" in rest else ",")]
        values = list(dict.fromkeys(filter(None, values)))
        if not (name and colon and values):
            raise ValidationError(LINE_LIKE)
        if name.casefold() in map(str.casefold, options):
            raise ValidationError(f"“{name}” stands there twice. Put its values in one line.")
        _require_short(name, values)
        options[name] = values
    _require_few(options)
    return options


def write_options(options: Values) -> str:
    return "\n".join(f"{name}: {_joined(values)}" for name, values in options.items())


def read_choice(text: str) -> Choice:
    """The options of one variant. Raises ValidationError."""
    choice: Choice = {}
    for part in text.split(" / ") if text.strip() else ():
        name, colon, value = (each.strip() for each in part.partition(":"))
        if not (name and colon and value) or name in choice:
            raise ValidationError(CHOICE_LIKE)
        _require_short(name, [value])
        choice[name] = value
    return choice


def write_choice(choice: Mapping[str, str]) -> str:
    return " / ".join(f"{name}: {value}" for name, value in choice.items())


def combinations(options: Values) -> Iterator[Choice]:
    """Every variant that the options make, the last option changing first."""
    if options:
        for values in product(*options.values()):
            yield dict(zip(options, values, strict=True))


def make_sku(base: str, values: Iterable[str], taken: set[str]) -> str:
    """A SKU that says what it is, such as MUG-GREEN-S; it is then among `taken`."""
    parts = [_sku_part(base, SKU_BASE_MAX) or "ITEM"]
    parts += [_sku_part(value, SKU_PART_MAX) for value in values]
    made = "-".join(filter(None, parts))[: SKU_MAX - 4].rstrip("-.")
    free = next(sku for n in count(1) if (sku := made if n == 1 else f"{made}-{n}") not in taken)
    taken.add(free)
    return free


def check_gtin(text: str) -> str:
    """The digits of a GTIN of 8, 12, 13 or 14, which ends in a check digit (GS1 General
    Specifications 7.9). Raises ValidationError."""
    digits = re.sub(r"[\s-]", "", text)
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", digits):
        raise ValidationError("A GTIN (EAN, UPC) has 8, 12, 13 or 14 digits.")
    body, last = digits[:-1], int(digits[-1])
    weighted = sum(int(digit) * (3, 1)[n % 2] for n, digit in enumerate(reversed(body)))
    if -weighted % 10 != last:
        raise ValidationError("This GTIN has a typing mistake: its last digit does not fit.")
    return digits


def _joined(values: Sequence[str]) -> str:
    if any("," in value for value in values):
        return "; ".join(values) + (";" if len(values) == 1 else "")
    return ", ".join(values)


def _require_short(name: str, values: Sequence[str]) -> None:
    for text, most in ((name, NAME_MAX), *((value, VALUE_MAX) for value in values)):
        validate_line(text)
        if len(text) > most:
            raise ValidationError(f"“{text[:20]}…” is too long: at most {most} characters.")


def _require_few(options: Values) -> None:
    if len(options) > OPTIONS_MAX:
        raise ValidationError(f"A product has {OPTIONS_MAX} options at most.")
    made = 1
    for values in options.values():
        made *= len(values)
    if made > VARIANTS_MAX:
        raise ValidationError(
            f"These options make {made} variants; a product has {VARIANTS_MAX} at most."
        )


def _sku_part(text: str, most: int) -> str:
    return slugify(text).replace("_", "-").upper()[:most].strip("-")
