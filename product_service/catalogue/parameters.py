"""The query string of a list, checked: every wrong parameter is named, none is ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import BadRequest, FieldError, escaped
from chassis.shapes import Rule

# How a list is sorted, by the columns of its statement; see `listing`.
SORTS = {
    "relevance": "tier, rank DESC, published_at DESC, id DESC",
    "newest": "published_at DESC, id DESC",
    "price": "amount, id",
    "-price": "amount DESC, id",
    "name": "name_key, id",
}
PAGE_SIZE = 24
PAGE_SIZE_MAX = 100
PAGE_MAX = 10_000
QUERY_MAX = 200  # characters
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}")
FLAGS = {"1": True, "0": False}


class InvalidParameter(BadRequest):
    """A query parameter is unknown or invalid. `errors` names it and what is allowed."""

    code, title = "invalid_parameter", "Invalid query parameter"


@dataclass(frozen=True)
class ListQuery:
    """What a list was asked for; equal lists are equal objects."""

    q: str = ""
    category: str = ""
    in_stock: bool = False
    sort: str = "newest"
    page: int = 1
    page_size: int = PAGE_SIZE

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> ListQuery:
        """Read a query string. Raises InvalidParameter naming everything that is wrong."""
        found: dict[str, Any] = {}
        wrong: list[FieldError] = []
        for name, value in parameters.items():
            try:
                found[name] = PARAMETERS[name].read(value)
            except KeyError:
                advice = "This parameter is unknown; leave it out."
                wrong.append(FieldError(f"/{escaped(name)}", advice, "unknown_field"))
            except ValueError as error:
                wrong.append(FieldError(f"/{name}", str(error)))
        if wrong:
            raise InvalidParameter("See errors.", errors=wrong)
        return cls(**{"sort": "relevance" if found.get("q") else "newest", **found})


def _words(value: str) -> str:
    if len(value) > QUERY_MAX or "\0" in value:
        raise ValueError(f"Use at most {QUERY_MAX} characters and no NUL.")
    return " ".join(value.split())


def _slug(value: str) -> str:
    if value and not SLUG.fullmatch(value):
        raise ValueError("Use a slug, for example laptops.")
    return value


def _flag(value: str) -> bool:
    if value not in FLAGS:
        raise ValueError("Use 1 or 0.")
    return FLAGS[value]


def _sort(value: str) -> str:
    if value not in SORTS:
        raise ValueError(f"Use one of {', '.join(SORTS)}.")
    return value


def _whole(most: int, default: int) -> Rule:
    def read(value: str) -> int:
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        if not is_number or not 1 <= int(value) <= most:
            raise ValueError(f"Use a whole number from 1 to {most}.")
        return int(value)

    return Rule(read, {"type": "integer", "minimum": 1, "maximum": most, "default": default})


PARAMETERS = {
    "q": Rule(_words, {"type": "string", "maxLength": QUERY_MAX}),
    "category": Rule(_slug, {"type": "string", "pattern": "^[-a-zA-Z0-9_]*$", "maxLength": 100}),
    "in_stock": Rule(_flag, {"type": "string", "enum": ["0", "1"]}),
    "sort": Rule(_sort, {"type": "string", "enum": list(SORTS)}),
    "page": _whole(PAGE_MAX, 1),
    "page_size": _whole(PAGE_SIZE_MAX, PAGE_SIZE),
}
