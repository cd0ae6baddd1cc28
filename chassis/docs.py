"""The API documentation of a service: `/v1/schema` (OpenAPI 3.1) and `/v1/docs` (Swagger UI).

The schema is generated once a process. The page loads everything from our own static files and
has no inline script or style, so it lives under the same content security policy as the rest.
"""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from chassis import openapi  # noqa: F401  (for its extensions)


@cache
def schema_document() -> bytes:
    """The service's OpenAPI document as YAML, the same bytes as its checked-in openapi.yaml."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    renderer = OpenApiYamlRenderer()
    document: bytes = renderer.render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return document


@require_GET
@conditional_page
def schema(request: HttpRequest) -> HttpResponse:
    headers = {"Cache-Control": "no-cache"}
    return HttpResponse(schema_document(), content_type="application/yaml", headers=headers)


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "chassis/docs.html", {"title": settings.SPECTACULAR_SETTINGS["TITLE"]})
