"""Problem details in the OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

MEANING = {
    400: "The request is malformed; `errors` names the fields.",
    401: "The service token is missing, expired or forged.",
    403: "The token lacks the scope.",
    404: "There is nothing here.",
    409: "The current state does not allow it; `code` says why.",
    413: "The body is over 64 KiB.",
    415: "The body is not JSON.",
    422: "Understood, and wrong; `code` says why.",
    503: "The database is away; repeat after Retry-After.",
}


class ProblemField(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457, with a stable `code` and the wrong fields."""

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
