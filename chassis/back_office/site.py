"""The admin site of a service. It limits tries at sign-in, and refuses what no page of it sends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from chassis.back_office.devices import remember_device
from chassis.back_office.kept import signed_out
from chassis.back_office.lists import Guarded
from chassis.back_office.refusals import refused_page
from chassis.back_office.saving import Saving
from chassis.back_office.sign_in import SignInForm


@dataclass(frozen=True)
class Office:
    """A back office in the header, and whether it is the one that is shown."""

    name: str
    address: str
    is_here: bool = False


class StaffSite(AdminSite):
    login_form = SignInForm
    site_title = "TechCommerce"
    index_title = "Back office"
    site_url = settings.PUBLIC_URL  # "View site" leads to the shop

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's; a refused try is told on the form, with 429 or 503 and Retry-After."""
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if (refusal := getattr(form, "refusal", None)) is not None:
            response.status_code = refusal.status
            response["Retry-After"] = refusal.headers["Retry-After"]
        elif request.method == "POST" and response.status_code == 302:
            remember_device(request, response, request.user.get_username())
        return response

    def offices(self, request: HttpRequest) -> list[Office]:
        """The back offices that this person may enter; none where there is no choice."""
        return []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        is_in = self.has_permission(request)
        offices = self.offices(request) if is_in else []
        return {**super().each_context(request), "offices": offices}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's; a form that was sent after the session had ended is not lost."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            is_out = not self.has_permission(request) and request.path != reverse("admin:logout")
            if request.method == "POST" and is_out:
                return signed_out(request)
            response: HttpResponse = guarded(request, *args, **kwargs)
            if response.status_code == 405:
                allowed = {"Allow": response["Allow"]}
                return refused_page("method_not_allowed", status=405, headers=allowed)
            return response

        return inner

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without Django's `r/<type>/<key>/`: no model of ours has a page that it would lead to."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Every page of the site is guarded and saved alike, those of Django's apps as well."""
        declared = admin_class or ModelAdmin
        bases = (Guarded, declared, Saving)
        guarded = type(declared.__name__, bases, {"__module__": declared.__module__})
        super().register(model_or_iterable, guarded, **options)


def page_wanted(request: HttpRequest) -> str:
    """The page of this site that the address names as `next`; the front page for any other."""
    page, start = request.GET.get("next", ""), reverse("admin:index")
    is_ours = page.startswith(start) and not page.startswith(reverse("admin:login"))
    return page if is_ours and url_has_allowed_host_and_scheme(page, None) else start
