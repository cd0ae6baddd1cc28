"""The ceiling that lists and pages are held to: a Django project of one view and no middleware.

`gunicorn -c python:chassis.gunicorn bench.bare:application`; BARE_BYTES is the size of the answer.
"""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

CONTENT = b"x" * int(os.environ["BARE_BYTES"])


def constant(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(CONTENT, content_type="application/json")
    response.headers["Content-Length"] = str(len(CONTENT))  # as Django's CommonMiddleware has it
    return response


urlpatterns = [path("", constant)]
settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__)
application = get_wsgi_application()
