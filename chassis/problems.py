"""Where the `type` of a problem leads: /errors/<code>, and /errors/ for all of them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, get_resolver, path
from django.views.decorators.http import require_safe

from chassis import drf_errors  # noqa: F401  (for its codes)
from chassis.errors import DomainError, NotFound


def catalogue() -> dict[str, type[DomainError]]:
    """Every code of this service: its views are imported first, and with them all they raise."""
    get_resolver().url_patterns  # noqa: B018
    kinds: list[type[DomainError]] = [DomainError]
    for kind in kinds:  # grows by those below each
        kinds += kind.__subclasses__()
    kinds.sort(key=lambda each: (each.status, each.code))
    return {each.code: each for each in kinds}


@require_safe
def problems(request: HttpRequest, code: str = "") -> HttpResponse:
    """What each code means and what to do, or that of one code. Raises NotFound."""
    known = catalogue()
    if code and code not in known:
        raise NotFound(f"No problem has this code. See {request.path.removesuffix(code)}.")
    shown = [
        {
            "code": each.code,
            "status": each.status,
            "title": each.title,
            "parts": (each.__doc__ or "").split("`"),  # every second part is code
        }
        for each in ([known[code]] if code else known.values())
    ]
    context = {"title": settings.SPECTACULAR_SETTINGS["TITLE"], "code": code, "problems": shown}
    return render(request, "chassis/problems.html", context)


urlpatterns: list[URLPattern] = [
    path("errors/", problems, name="problems"),
    path("errors/<slug:code>", problems, name="problem"),
]
