"""The admin site of the catalogue, where staff sign in for both back offices."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from chassis.back_office.refusals import refused_page
from chassis.back_office.roles import Role
from chassis.back_office.site import Office, StaffSite
from product_service.staff.hand_over import open_hand_over

CHALLENGE = re.compile(r"[0-9a-f]{64}")
NO_ORDERS = (
    "Orders are not part of your role",
    "Your account has no part in the orders. Ask whoever manages the accounts, if it should.",
)


class CatalogueSite(StaffSite):
    def get_urls(self) -> list[URLPattern | URLResolver]:
        view = self.admin_view(self.to_orders)
        return [path("to-orders/", view, name="to_orders"), *super().get_urls()]

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


def has_part_in_orders(user: object) -> bool:
    """By the shipped roles; whoever has none of them has rights that only order_service knows."""
    if not isinstance(user, User) or user.is_superuser:
        return isinstance(user, User)
    roles = {role.value for role in Role} & set(user.groups.values_list("name", flat=True))
    return not roles or roles != {Role.CATALOGUE.value}
