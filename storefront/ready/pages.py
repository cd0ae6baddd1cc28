"""Pages that are the same for every visitor but for their marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from storefront import metrics
from storefront.ready import addresses, marks


class ReadyPage(HttpResponse):
    """A page for its visitor, with the parts of which the next visitor's can be made."""

    parts: marks.Parts
    key: addresses.Key | None  # None: not to be kept
    step: str  # what is counted with each answer


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    read: Mapping[str, str],
    step: str = "",
    is_kept: bool = True,
) -> ReadyPage:
    """Render a page that shows nothing of its visitor but theme, basket, notices and forms.

    `read` has every parameter of the address that the page depends on, in the spelling of the
    shop's own links, "" for what is left out or means nothing. `step` is one of metrics.STEPS.
    """
    if step:
        metrics.step(request, step)
    is_for_all = is_kept and not get_messages(request)
    own = {"search_words": read.get("q", ""), **marks.CONTEXT}
    parts = marks.cut(render_to_string(template, {**context, **own}, request))
    response = ReadyPage(marks.filled(parts, request), headers={"Vary": "Cookie"})
    response.parts, response.step = parts, step
    response.key = addresses.made_for(request, read) if is_for_all else None
    return response
