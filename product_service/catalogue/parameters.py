"""The query string of a list, checked: every wrong parameter is named, none is ignored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from chassis.errors import BadRequest, FieldError, escaped
from product_service.shapes import Applied

SORTS = ("relevance", "newest", "price", "-price", "name")
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
        reader = Reader(parameters)
        words = " ".join(reader.text("q", QUERY_MAX).split())
        query = cls(
            q=words,
            category=reader.slug("category"),
            in_stock=reader.flag("in_stock"),
            sort=reader.choice("sort", SORTS, "relevance" if words else "newest"),
            page=reader.whole("page", 1, PAGE_MAX),
            page_size=reader.whole("page_size", PAGE_SIZE, PAGE_SIZE_MAX),
        )
        reader.finish()
        return query

    def applied(self, *, has_words: bool) -> Applied:
        return {
            "q": self.q,
            "has_words": has_words,
            "category": self.category or None,
            "in_stock": self.in_stock,
            "sort": self.sort,
        }


class Reader:
    """Reads parameters and remembers what is wrong until `finish()`."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._rest = dict(parameters.items())
        self._wrong: list[FieldError] = []

    def text(self, name: str, length: int) -> str:
        value = self._take(name)
        if len(value) > length or "\0" in value:
            self._refuse(name, f"Use at most {length} characters and no NUL.")
            return ""
        return value

    def slug(self, name: str) -> str:
        value = self._take(name)
        if value and not SLUG.fullmatch(value):
            self._refuse(name, "Use a slug, for example laptops.")
        return value

    def flag(self, name: str) -> bool:
        value = self._take(name, "0")
        if value not in FLAGS:
            self._refuse(name, "Use 1 or 0.")
        return FLAGS.get(value, False)

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        value = self._take(name, default)
        if value not in choices:
            self._refuse(name, f"Use one of {', '.join(choices)}.")
        return value

    def whole(self, name: str, default: int, most: int) -> int:
        value = self._take(name, str(default))
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        if not is_number or not 1 <= int(value) <= most:
            self._refuse(name, f"Use a whole number from 1 to {most}.")
            return default
        return int(value)

    def finish(self) -> None:
        """Raise InvalidParameter if anything was wrong or is left over."""
        for name in self._rest:
            self._refuse(name, "This parameter is unknown; leave it out.", "unknown_field")
        if self._wrong:
            raise InvalidParameter("See errors.", errors=self._wrong)

    def _take(self, name: str, default: str = "") -> str:
        return self._rest.pop(name, default)

    def _refuse(self, name: str, detail: str, code: str = "invalid") -> None:
        self._wrong.append(FieldError(f"/{escaped(name)}", detail, code))
