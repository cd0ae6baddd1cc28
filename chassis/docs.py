"""The API documentation of a service: `/v1/schema` (OpenAPI 3.1) and `/v1/docs` (Swagger UI).

The schema is generated once a process. The page loads everything from our own static files and
has no inline script or style, so it lives under the same content security policy as the rest.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer


class StrictSerializerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A body that refuses unknown fields is described as closed."""

    target_class = "chassis.serializers.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class TextFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A text is described with the pattern that it must match."""

    target_class = "chassis.fields.TextField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        field = self.target
        schema = auto_schema._map_serializer_field(field, direction, bypass_extensions=True)
        return {**field.described, **schema, "type": "string"}  # null is added by the caller


class ServiceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes our service tokens; found by drf-spectacular by being imported."""

    target_class = "chassis.auth.ServiceTokenAuthentication"
    name = "serviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


@cache
def schema_document() -> bytes:
    """The service's OpenAPI document as YAML, the same bytes as its checked-in openapi.yaml."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    renderer = OpenApiYamlRenderer()
    document: bytes = renderer.render(schema, renderer_context={})  # type: ignore[no-untyped-call]
    return document


@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    document = schema_document()
    etag = f'"{hashlib.sha256(document).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(document, content_type="application/yaml", headers=headers)


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "chassis/docs.html", {"title": settings.SPECTACULAR_SETTINGS["TITLE"]})
