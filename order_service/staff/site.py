"""The admin site of the orders: people sign in at the catalogue's, which holds their accounts.

    page here, no session -> /admin/login/ -> the catalogue's sign-in, with a challenge
    -> back to /admin/arrive/ with a code -> redeemed by a call of ours -> the page

Without CATALOGUE_ADMIN_URL this site has a sign-in of its own.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from chassis.back_office.refusals import refused_page
from chassis.back_office.site import Office, StaffSite, page_wanted
from order_service.clients.staff import CodeRefused, StaffUnavailable, redeem_code, require_there
from order_service.staff import arriving
from order_service.staff.mirror import mirror
from order_service.staff.tie import RETRY_SECONDS, is_tied, tie, untie

AWAY = (
    "Nobody can sign in right now",
    "You sign in at the catalogue, and it cannot be reached at the moment. Whoever is signed in"
    " already can go on working here. Try again in a minute.",
)
NOT_SIGNED_IN = (
    "You are not signed in yet",
    "The way through the sign-in took too long, was begun in another browser, or was taken twice."
    " Open the front page to sign in again.",
)
STILL_THERE = (
    "You are signed out here. The catalogue could not be reached: sign out there as well, once it"
    " is back."
)


class OrdersSite(StaffSite):
    def has_permission(self, request: HttpRequest) -> bool:
        """Sessions of a sign-in of its own do not count where the catalogue signs people in."""
        is_in = super().has_permission(request)
        return is_in and (not settings.CATALOGUE_ADMIN_URL or is_tied(request))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("arrive/", self.arrive, name="arrive"), *super().get_urls()]

    def offices(self, request: HttpRequest) -> list[Office]:
        catalogue = settings.CATALOGUE_ADMIN_URL
        there = [Office("Catalogue", f"{catalogue}/admin/")] if catalogue else []
        return [*there, Office("Orders", reverse("admin:index"), is_here=True)] if there else []

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """On to the catalogue's sign-in; says so if the catalogue is away."""
        if not settings.CATALOGUE_ADMIN_URL or self.has_permission(request):
            return super().login(request, extra_context)
        try:
            require_there()
        except StaffUnavailable:
            return _away()
        secret = arriving.new_secret()
        asked = urlencode({"challenge": arriving.challenge_of(secret)})
        there = f"{settings.CATALOGUE_ADMIN_URL}/admin/to-orders/?{asked}"
        response = HttpResponseRedirect(there)
        arriving.send_off(request, response, secret, page_wanted(request))
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The one password is that of the catalogue."""
        if settings.CATALOGUE_ADMIN_URL:
            return HttpResponseRedirect(f"{settings.CATALOGUE_ADMIN_URL}/admin/password_change/")
        return super().password_change(request, extra_context)

    @method_decorator(never_cache)
    def arrive(self, request: HttpRequest) -> HttpResponse:
        """Where the browser comes back to, with a code for the challenge that it was given."""
        challenge = request.GET.get("challenge", "")
        kept = arriving.expected(request, challenge)
        if kept is None:
            return _not_signed_in()
        secret, page = kept
        try:
            signed_in = redeem_code(request.GET.get("code", "")[:100], secret)
        except StaffUnavailable:
            return _away()
        except CodeRefused:
            return _not_signed_in()
        user = mirror(signed_in.person)
        login(request, user, "django.contrib.auth.backends.ModelBackend")
        tie(request, signed_in)
        response = HttpResponseRedirect(page)
        arriving.arrived(request, response, challenge)
        return response

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Out of both back offices."""
        told = "You are signed out of both back offices." if is_tied(request) else ""
        if request.method == "POST" and not untie(request):
            told = STILL_THERE
        return super().logout(request, {**(extra_context or {}), "told": told})


def _away() -> HttpResponse:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return refused_page("sign_in_away", *AWAY, status=503, headers=headers)


def _not_signed_in() -> HttpResponse:
    return refused_page("not_signed_in", *NOT_SIGNED_IN, status=400)
