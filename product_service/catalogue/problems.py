"""Problem details in the OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

MEANING = {
    400: "The request is malformed; `errors` lists the invalid fields.",
    401: "The service token is missing, expired or invalid.",
    403: "The token lacks the required scope.",
    404: "Not found.",
    409: "The current state doesn't allow it; `code` says why.",
    413: "The body is larger than 64 KiB.",
    415: "The `Content-Type` is not `application/json`.",
    422: "The request is well-formed but can't be fulfilled; `code` says why.",
    503: "Temporarily unavailable; repeat the request after `Retry-After` seconds.",
}


class ProblemField(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457). `code` is stable; the page at `type` says what to do about it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemField(many=True)  # type: ignore[assignment]


def problems(*statuses: int) -> Mapping[Any, Any]:
    """Responses of an operation for these statuses and those that every operation has."""
    return {
        (status, "application/problem+json"): OpenApiResponse(Problem, MEANING[status])
        for status in sorted({400, 503, *statuses})
    }
