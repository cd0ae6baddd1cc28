"""The places of a page that differ from visitor to visitor.

A page is rendered with a mark in each of them and cut at the marks. Every answer joins the parts
with what belongs to its own visitor, so nothing of a visitor is ever in the parts.

    Cart[basket]</a> ... name="csrfmiddlewaretoken" value="[token]" ... name="next" value="[here]"
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.html import escape

from storefront.ready.visitor import basket_badge, basket_count, csrf_token

Parts = tuple[bytes, ...]  # text, name of a mark, text, name of a mark, ..., text

_SECRET = secrets.token_hex(16)  # or a search for a mark would put a token into the title
_CUT = re.compile(rf"{_SECRET}-([a-z]+)\.".encode())


def _mark(name: str) -> str:
    return f"{_SECRET}-{name}."


# The names that templates have for them; see components/header.html and footer.html.
CONTEXT: Mapping[str, str] = {
    "csrf_token": _mark("token"),
    "basket_mark": _mark("basket"),
    "here": _mark("here"),
}


def cut(page: str) -> Parts:
    return tuple(_CUT.split(page.encode()))


def filled(parts: Parts, request: HttpRequest) -> bytes:
    """The page for the visitor who asks. All its forms have one token, as Django does it."""
    own = {
        b"token": csrf_token(request),
        b"basket": basket_badge(basket_count(request)),
        b"here": escape(request.get_full_path()).encode(),
    }
    page = list(parts)
    page[1::2] = [own[name] for name in parts[1::2]]
    return b"".join(page)
