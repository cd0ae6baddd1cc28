"""Thousands of generated requests to each service of a running shop find no breach of its OpenAPI.

Bodies, parameters, headers and tokens, right and wrong, one after the other and in sequences. A
breach is a 5xx, an answer that is not described, a wrong request that is taken, a right one that is
called malformed, or a token that is not asked for. The seed is printed; OPENAPI_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import environment
from tests.shop import Shop

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 75  # of generated requests; the listed ones before them take about 40
CALLERS = {
    "order_service": ("storefront", "guest:openapi", "orders"),
    "product_service": ("order_service", "service:order_service", "reservations"),
}


@pytest.mark.parametrize("service", CALLERS)
def test_a_service_does_what_its_description_says(shop: Shop, service: str, tmp_path: Path) -> None:
    seed = os.environ.get("OPENAPI_SEED") or str(random.randrange(10**6))
    done = subprocess.run(
        _command(shop, service, seed),
        cwd=tmp_path,
        env=_environment(shop, service),
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)

    assert done.returncode == 0, f"OPENAPI_SEED={seed}\n{done.stdout}\n{done.stderr}"
    assert "Test cases:" in done.stdout


def _command(shop: Shop, service: str, seed: str) -> list[str]:
    address = environment.addresses(shop.ports)[f"{service.upper()}_URL"]
    return [
        *(str(Path(sys.executable).parent / "st"), "--config-file"),
        *(str(ROOT / "tests" / "schemathesis.toml"), "run", str(ROOT / service / "openapi.yaml")),
        *("--url", address, "--checks", "all", "--seed", seed, "--max-time", str(SECONDS)),
        *("--continue-on-failure", "--no-color", "--generation-database", "none"),
    ]


def _environment(shop: Shop, service: str) -> dict[str, str]:
    issuer, subject, scope = CALLERS[service]
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.slow.openapi_hooks",
        "AUDIENCE": service,
        "ISSUER": issuer,
        "SUBJECT": subject,
        "SCOPE": scope,
        "SIGNING_KEY": shop.secrets[f"{issuer.upper()}_SIGNING_KEY"],
    }
