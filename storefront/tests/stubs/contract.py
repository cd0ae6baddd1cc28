"""What a stub exchanges with the storefront, held against the provider's own OpenAPI file."""

from __future__ import annotations

import json
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
    document: dict[str, Any] = yaml.load(
        (ROOT / service / "openapi.yaml").read_text(), yaml.CSafeLoader
    )
    return document


def breaches(service: str, request: Request, reply: Reply) -> tuple[str, ...]:
    """Why an exchange is not one that `service` describes; empty if it is."""
    sent = (request.method, request.path, tuple(sorted(request.params)), json.dumps(request.json))
    answered = (reply.status, reply.content_type, json.dumps(reply.body))
    return _judge(service, *sent, *answered)


@cache  # the same few exchanges fill most tests
def _judge(
    service: str,
    method: str,
    path: str,
    params: tuple[str, ...],
    body: str,
    status: int,
    content_type: str,
    answer: str,
) -> tuple[str, ...]:
    where = f"{method} {path} -> {status}"
    operation = _operation(service, method, path)
    if operation is None:
        return (f"{where}: no such operation",)
    found = []
    if (sent := json.loads(body)) is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        found += _errors(service, schema, sent)
    known = {one["name"] for one in operation.get("parameters", [])}
    found += [f"no parameter {name}" for name in params if name not in known]
    described = operation["responses"].get(str(status))
    if described is None:
        found.append("no such status")
    elif (told := json.loads(answer)) is not None:
        found += _errors(service, described["content"][content_type]["schema"], told)
    return tuple(f"{where}: {reason}" for reason in found)


def _operation(service: str, method: str, path: str) -> dict[str, Any] | None:
    for template, operations in provider(service)["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def _errors(service: str, schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": provider(service)["components"]}
    errors = Draft202012Validator(whole).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]
