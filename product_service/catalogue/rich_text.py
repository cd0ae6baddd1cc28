"""Descriptions as HTML that is safe to show: a small part of Markdown, or plain paragraphs.

Taken are paragraphs, emphasis, lists, links to web and mail, headings (below those of the page),
quotes and lines. HTML that somebody types is shown as it was typed. What comes out is cleaned once
more by a list of what may be in it, so that a mistake of the first step is none of the shop's.
"""

from __future__ import annotations

import html
from functools import lru_cache

import nh3
from django.utils.html import linebreaks, strip_tags
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "hr"}
SCHEMES = {"http", "https", "mailto"}
HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "code", "fence", "backticks", "reference", "html_block", "html_inline", "entity"]
)


@lru_cache(256)
def rendered(text: str, is_formatted: bool) -> str:
    """The description as HTML; one that is not formatted keeps its lines and nothing else."""
    made = _formatted(text) if is_formatted else linebreaks(text, autoescape=True)
    return nh3.clean(
        made,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="nofollow noopener",
    )


def plain(text: str, is_formatted: bool) -> str:
    """The description without its marks."""
    return (
        html.unescape(strip_tags(rendered(text, is_formatted=True))).strip()
        if is_formatted
        else text
    )


def _formatted(text: str) -> str:
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
    made: str = _markdown.renderer.render(tokens, _markdown.options, {})
    return made
