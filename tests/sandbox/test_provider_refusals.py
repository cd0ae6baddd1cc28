"""What the sandbox provider refuses, and how it says so."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import requests

from tests.sandbox.provider import KEY, ROOT, Provider


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("bank.example", 200), ("sandbox:8000", 200), ("localhost", 200)],
)
@pytest.mark.parametrize("path", ["/ledger", "/health", "/authorizations?open=1"])
def test_the_bank_answers_to_its_own_names_alone(
    process: Provider, path: str, host: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Host": host}
    assert requests.get(process.url + path, headers=headers, timeout=10).status_code == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/authorizations", {}, 400),
        ("/authorizations", [], 400),
        ("/authorizations", {"amount": "19.90"}, 400),
        ("/authorizations", {"amount": True}, 400),
        ("/authorizations", {"amount": -5}, 400),
        ("/authorizations", {"amount": 10**30}, 400),
        ("/authorizations", {"amount": 1, "currency": "EUR", "token": "x", "reference": "y"}, 422),
        ("/authorizations/auth_none/capture", {"amount": 1}, 404),
        ("/authorizations/auth_none/void", {}, 404),
        ("/authorizations/auth_none/refunds", {"amount": 1}, 404),
        ("/nowhere", {}, 404),
    ],
)
def test_nonsense_is_refused(process: Provider, path: str, body: Any, status: int) -> None:
    assert process.post(path, "n-1", body).status_code == status


def test_broken_json_a_missing_key_and_a_wrong_secret_are_refused(process: Provider) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "b"}
    url = f"{process.url}/authorizations"

    assert requests.post(url, data=b"{", headers=headers, timeout=5).status_code == 400
    assert process.authorize("tok_approve", key=None).status_code == 400
    assert requests.get(f"{process.url}/ledger", timeout=5).status_code == 401
    wrong = {"Authorization": "Bearer wrong"}
    assert requests.get(f"{process.url}/ledger", headers=wrong, timeout=5).status_code == 401
    assert requests.post(url, data=b"x" * 20_000, headers=headers, timeout=5).status_code == 413


def test_whatever_is_missing_is_named_at_once() -> None:
    command = [sys.executable, "-m", "sandbox"]
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True)
    assert done.returncode == 1
    for name in ("PORT", "SANDBOX_LEDGER", "PAYMENT_PROVIDER_KEY"):
        assert f"{name} is missing" in done.stderr
