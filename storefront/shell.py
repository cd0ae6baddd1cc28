"""What every page shows around its content: navigation, theme, basket count, search words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from chassis.logs import request_id
from storefront.catalogue import reading
from storefront.guests import keep_cookie
from storefront.ready.visitor import THEMES, basket_count, theme_of

YEAR = timedelta(days=365)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of the page's frame; the navigation is asked for only where it is rendered."""
    return {
        "theme": theme_of(request),
        "themes": THEMES,
        "here": _here(request),
        "basket_count": basket_count(request),
        "navigation": SimpleLazyObject(reading.navigation),
        "search_words": request.GET.get("q", "")[:100],
        "request_id": request_id(),
        "shop_url": settings.PUBLIC_URL,
    }


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme for a year and go back to the page it was chosen on."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target, status=303)
    if request.POST.get("theme") in THEMES:
        keep_cookie(response, "theme", request.POST["theme"], YEAR)
    return response


def show_basket_count(response: HttpResponse, count: int) -> HttpResponse:
    """Let the header of later pages say how many pieces the cart holds, without a database."""
    keep_cookie(response, "basket", str(count), YEAR)
    return response


def _here(request: HttpRequest) -> str:
    """The page to come back to. The address of a form may take nothing but the form."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
    return page if is_ours else "/"
