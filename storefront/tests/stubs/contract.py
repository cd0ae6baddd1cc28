"""What a stub exchanges with the storefront, held against the provider's own OpenAPI file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from storefront.tests.stubs.server import Reply, Request

ROOT = Path(__file__).resolve().parents[3]


@cache
def provider(service: str) -> dict[str, Any]:
    """The checked-in description of a service."""
    document: dict[str, Any] = yaml.safe_load((ROOT / service / "openapi.yaml").read_text())
    return document


def breaches(service: str, request: Request, reply: Reply) -> list[str]:
    """Why an exchange is not one that `service` describes; empty if it is."""
    where = f"{request.method} {request.path} -> {reply.status}"
    operation = _operation(service, request)
    if operation is None:
        return [f"{where}: no such operation"]
    found = []
    if request.json is not None:
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        found += _errors(service, body, request.json)
    unknown = set(request.params) - {one["name"] for one in operation.get("parameters", [])}
    found += [f"no parameter {name}" for name in sorted(unknown)]
    answer = operation["responses"].get(str(reply.status))
    if answer is None:
        found.append("no such status")
    elif reply.body is not None:
        found += _errors(service, answer["content"][reply.content_type]["schema"], reply.body)
    return [f"{where}: {reason}" for reason in found]


def _operation(service: str, request: Request) -> dict[str, Any] | None:
    for template, operations in provider(service)["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, request.path) and request.method.lower() in operations:
            found: dict[str, Any] = operations[request.method.lower()]
            return found
    return None


def _errors(service: str, schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": provider(service)["components"]}
    errors = Draft202012Validator(whole).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]
