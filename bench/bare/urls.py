"""The one view: as many bytes as the product list answers (BARE_BYTES), made beforehand."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.urls import path

CONTENT = b"x" * int(os.environ["BARE_BYTES"])


def constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse(CONTENT, content_type="application/json")


urlpatterns = [path("", constant)]
