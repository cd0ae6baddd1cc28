"""Does a service do what its openapi.yaml says? Asks schemathesis, inside the test's process.

Bodies and parameters are generated from the description, valid and invalid ones. Checked are: no
5xx; the status, media type, headers and body of each answer are described; what the description
forbids is refused; what it allows is not called malformed. The long run is
tests/slow/test_openapi.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, Config, GenerationMode

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "tests" / "schemathesis.toml"


def operations(service: str) -> list[Any]:
    """What a service's checked-in description names, once valid and once invalid, as parameters.

    An operation without a body or a query has nothing that could be invalid.
    """
    schema = schemathesis.openapi.from_path(
        ROOT / service / "openapi.yaml", config=Config.from_path(CONFIG)
    )
    schema.app = WSGIHandler()
    found = [schema[path][method] for path in schema for method in schema[path]]
    return [
        pytest.param(each, mode, id=f"{each.label} {mode.value}")
        for each in found
        for mode in GenerationMode
        if mode.is_positive or _can_be_invalid(each.definition.raw)
    ]


def _can_be_invalid(operation: dict[str, Any]) -> bool:
    parameters = operation.get("parameters", [])
    return "requestBody" in operation or any(each["in"] == "query" for each in parameters)


def try_out(operation: Any, mode: GenerationMode, *, tries: int, headers: dict[str, str]) -> None:
    """Send `tries` generated requests, the same in each run. Raises what schemathesis found."""

    @settings(
        max_examples=tries,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        case.call_and_validate(headers=headers)

    with _connections_kept():
        check()


@contextmanager
def _connections_kept() -> Iterator[None]:
    """The end of a request leaves the connection of the test alone, as with Django's client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
