"""What runs is known to the byte where it matters, and each release has Jobs of its own."""

from __future__ import annotations

import re

import pytest

from tests.deploy.manifests import OVERLAYS, named, overlay, workloads

DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
TAG = re.compile(r"techcommerce/[a-z-]+:local")


@pytest.mark.parametrize("of", ["staging", "production"])
def test_public_overlays_name_every_image_by_digest(of: str) -> None:
    images = {each.container["image"] for each in workloads(overlay(of))}
    assert {image for image in images if not DIGEST.fullmatch(image)} == set()


def test_the_local_overlay_takes_the_images_that_were_built_here() -> None:
    ours = {each.container["image"] for each in workloads(overlay("local")) if each.is_ours}
    assert {image for image in ours if not TAG.fullmatch(image)} == set()
    assert len(ours) == 4


@pytest.mark.parametrize("of", OVERLAYS)
def test_a_migration_job_a_database_carries_the_version(of: str) -> None:
    version = named(overlay(of), "ConfigMap")["release"]["data"]["VERSION"]
    migrations = {
        each.name: each for each in workloads(overlay(of)) if each.component == "migration"
    }
    services = ("storefront", "product-service", "order-service")
    assert set(migrations) == {f"migrate-{service}-{version}" for service in services}
    for service in services:
        job = migrations[f"migrate-{service}-{version}"]
        assert f"techcommerce/{service}" in job.container["image"]
        assert job.container["command"][3:] == ["migrate", "--noinput"]
        assert "STATEMENT_SECONDS" not in job.environment


@pytest.mark.parametrize("of", OVERLAYS)
def test_no_limit_on_statements_reaches_a_migration(of: str) -> None:
    """manage.py takes the limits off only where nobody set them."""
    for name, each in named(overlay(of), "ConfigMap").items():
        assert "STATEMENT_SECONDS" not in each["data"], name


def test_the_bank_that_moves_no_money_is_never_in_production() -> None:
    for of, is_there in {"local": True, "staging": True, "production": False}.items():
        assert ("sandbox" in {each.app for each in workloads(overlay(of))}) is is_there
