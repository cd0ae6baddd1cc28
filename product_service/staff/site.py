"""The admin site of the catalogue, where staff sign in for both back offices."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from chassis.back_office.refusals import refused_page
from chassis.back_office.roles import Role
from chassis.back_office.site import Office, StaffSite, page_wanted
from product_service.staff import factor_pages
from product_service.staff.hand_over import open_hand_over
from product_service.staff.second_factor import is_needed, is_verified

CHALLENGE = re.compile(r"[0-9a-f]{64}")
NO_ORDERS = (
    "Orders are not part of your role",
    "Your account has no part in the orders. Ask whoever manages the accounts, if it should.",
)


class CatalogueSite(StaffSite):
    index_template = "admin/staff/front_page.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Without a second factor nobody gets further than signing out, where it is needed."""
        if not super().has_permission(request):
            return False
        is_leaving = request.path == reverse("admin:logout")
        return is_leaving or not is_needed() or is_verified(request, _user_of(request))

    def knows_password(self, request: HttpRequest) -> bool:
        """Whether the person has come as far as the second factor."""
        return super().has_permission(request)

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who has given the password and no code yet is asked for that."""
        if self.knows_password(request) and not self.has_permission(request):
            asked = urlencode({"next": page_wanted(request)})
            return HttpResponseRedirect(f"{reverse('admin:second_factor')}?{asked}")
        return super().login(request, extra_context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        view = self.admin_view
        codes = partial(factor_pages.recovery_codes, self)
        return [
            path("to-orders/", view(self.to_orders), name="to_orders"),
            path("second-factor/", self.second_factor, name="second_factor"),
            path("recovery-codes/", view(codes), name="recovery_codes"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        factor = reverse("admin:recovery_codes") if is_needed() else ""
        return {**super().each_context(request), "factor_page": factor}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "is_factor_off": not is_needed()})

    @method_decorator(never_cache)
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Asks for a code; the first time it shows how to get one."""
        if not self.knows_password(request) or self.has_permission(request):
            return HttpResponseRedirect(page_wanted(request))
        return factor_pages.ask(self, request, _user_of(request))

    def offices(self, request: HttpRequest) -> list[Office]:
        if not settings.ORDERS_ADMIN_URL or not has_part_in_orders(request.user):
            return []
        return [
            Office("Catalogue", reverse("admin:index"), is_here=True),
            Office("Orders", f"{settings.ORDERS_ADMIN_URL}/admin/"),
        ]

    def to_orders(self, request: HttpRequest) -> HttpResponse:
        """Leads a signed-in person on to the orders' back office, with a code.

        It is a page that moves on by itself and no redirect: `form-action` of our content security
        policy would hold up one that follows the form of the sign-in.
        """
        if not settings.ORDERS_ADMIN_URL or not has_part_in_orders(request.user):
            return refused_page("no_orders", *NO_ORDERS)
        challenge = request.GET.get("challenge", "")
        if not CHALLENGE.fullmatch(challenge):
            return HttpResponseRedirect(f"{settings.ORDERS_ADMIN_URL}/admin/")
        assert request.session.session_key is not None
        code = open_hand_over(session_key=request.session.session_key, challenge=challenge)
        asked = urlencode({"challenge": challenge, "code": code})
        context = {
            **self.each_context(request),
            "title": "On to the orders",
            "address": f"{settings.ORDERS_ADMIN_URL}/admin/arrive/?{asked}",
        }
        return TemplateResponse(request, "admin/staff/to_orders.html", context)


def _user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def has_part_in_orders(user: object) -> bool:
    """By the shipped roles; whoever has none of them has rights that only order_service knows."""
    if not isinstance(user, User) or user.is_superuser:
        return isinstance(user, User)
    roles = {role.value for role in Role} & set(user.groups.values_list("name", flat=True))
    return not roles or roles != {Role.CATALOGUE.value}
