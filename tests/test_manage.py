"""manage.py [service|all] command: which service it picks, and when `all` stops."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("storefront", "product_service", "order_service")
CHECK = """
from django.core.management import call_command
call_command("check", fail_level="WARNING")
call_command("makemigrations", check_changes=True, dry_run=True)
"""
ASK = "from django.conf import settings; print(settings.SETTINGS_MODULE, flush=True)"


def manage(
    *arguments: str, folder: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """manage.py among three services that start at once, since there is nothing in them."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    for service in SERVICES:
        (tmp_path / service).mkdir()
        (tmp_path / service / "settings.py").write_text('SECRET_KEY = "only for this test"')
    return tmp_path


def shell(folder: Path, *service: str, code: str = ASK, **variables: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    done = manage(*service, "shell", "--no-imports", "-c", code, folder=folder, **variables)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def test_first_argument_wins_over_the_environment(house: Path) -> None:
    named = shell(house, "order_service", DJANGO_SETTINGS_MODULE="product_service.settings")
    assert named == (0, "order_service.settings")


def test_environment_names_the_service_without_an_argument(house: Path) -> None:
    named = shell(house, DJANGO_SETTINGS_MODULE="product_service.settings")
    assert named == (0, "product_service.settings")


def test_storefront_is_the_service_of_last_resort(house: Path) -> None:
    assert shell(house) == (0, "storefront.settings")


def test_all_runs_once_a_service_in_order(house: Path) -> None:
    assert shell(house, "all") == (0, "\n".join(f"{service}.settings" for service in SERVICES))


def test_all_leaves_out_what_an_image_does_not_hold(house: Path) -> None:
    shutil.rmtree(house / "product_service")
    assert shell(house, "all") == (0, "storefront.settings\norder_service.settings")


def test_all_stops_at_the_first_failure(house: Path) -> None:
    fails = "import sys; sys.exit(3 * settings.SETTINGS_MODULE.startswith('product'))"
    assert shell(house, "all", code=f"{ASK}; {fails}") == (
        3,
        "storefront.settings\nproduct_service.settings\n"
        "product_service: the command failed with exit code 3; stopped there.",
    )


@pytest.mark.parametrize("service", SERVICES)
def test_system_checks_pass_and_migrations_agree_with_the_models(service: str) -> None:
    done = manage(service, "shell", "--no-imports", "-c", CHECK)
    assert done.returncode == 0, done.stdout + done.stderr
