"""How the OpenAPI document describes shapes, problems and service tokens.

drf-spectacular finds the extensions by their being imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiResponse
from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict, is_typeddict

from chassis.shapes import Body

MEANING = {
    400: "The request is malformed; `errors` lists the invalid fields.",
    401: "The service token is missing, expired or invalid.",
    403: "The token lacks the required scope.",
    404: "Not found.",
    409: "The current state doesn't allow it; `code` says why.",
    410: "The link has expired or was revoked.",
    413: "The body is larger than 64 KiB.",
    415: "The `Content-Type` is not `application/json`.",
    422: "The request is well-formed but can't be fulfilled; `code` says why.",
    429: "Too many attempts; repeat the request after `Retry-After` seconds.",
    503: "Temporarily unavailable; repeat the request after `Retry-After` seconds.",
}


class ProblemField(TypedDict):
    pointer: Annotated[str, Field(description="JSON Pointer (RFC 6901)")]
    detail: str
    code: str


class Problem(TypedDict):
    """An error (RFC 9457). `code` is stable; the page at `type` says what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[ProblemField]


def problems(statuses: Iterable[int], meaning: Mapping[int, str] = {}) -> dict[Any, Any]:
    """Responses of an operation for these statuses; `meaning` where it is not the usual one."""
    texts = {**MEANING, **meaning}
    return {
        (status, "application/problem+json"): OpenApiResponse(Problem, texts[status])
        for status in sorted(statuses)
    }


class ShapeSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Bodies and answers as chassis.shapes has them, each a component with those inside it.

    A shape goes by its name: a service declares all of them in one module.
    """

    priority = 1  # before the one that drf-spectacular has for pydantic, which knows no TypedDict

    @classmethod
    def _matches(cls, target: Any) -> bool:
        return is_typeddict(target) or (isinstance(target, type) and issubclass(target, Body))

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return str(self.target.__name__)

    get_identity = get_name

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        suffix = "Request" if direction == "request" else ""
        _, described = TypeAdapter.json_schemas(
            [(0, "validation", TypeAdapter(self.target))],
            ref_template=f"#/components/schemas/{{model}}{suffix}",
            schema_generator=ShapeJsonSchema,
        )
        shapes = described["$defs"]
        whole: dict[str, Any] = shapes.pop(self.target.__name__)
        del whole["title"]
        for name, schema in shapes.items():
            del schema["title"]
            kind = ResolvedComponent.SCHEMA
            inner = ResolvedComponent(  # type: ignore[no-untyped-call]
                name=name + suffix, type=kind, object=name, schema=schema
            )
            auto_schema.registry.register_on_missing(inner)
        return whole


class ShapeJsonSchema(GenerateJsonSchema):
    """JSON Schema without what says nothing: titles made of names, defaults that are empty."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        return {**inner, "default": default} if default else inner


class ServiceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes our service tokens; found by drf-spectacular by being imported."""

    target_class = "chassis.auth.ServiceTokenAuthentication"
    name = "serviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
