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
ASK = "from django.conf import settings; print(settings.SETTINGS_MODULE)"


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


def shell(*service: str, **variables: str) -> str:
    done = manage(*service, "shell", "--no-imports", "-c", ASK, folder=ROOT, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_first_argument_wins_over_the_environment() -> None:
    named = shell("order_service", DJANGO_SETTINGS_MODULE="product_service.settings")
    assert named == "order_service.settings"


def test_environment_names_the_service_without_an_argument() -> None:
    assert shell(DJANGO_SETTINGS_MODULE="product_service.settings") == "product_service.settings"


def test_storefront_is_the_service_of_last_resort() -> None:
    assert shell() == "storefront.settings"


def test_all_runs_once_a_service_in_order() -> None:
    done = manage("all", "shell", "--no-imports", "-c", ASK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"{service}.settings" for service in SERVICES]


def test_all_leaves_out_what_an_image_does_not_hold(tmp_path: Path) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    for part in ("chassis", "order_service"):
        (tmp_path / part).symlink_to(ROOT / part)
    done = manage("all", "shell", "--no-imports", "-c", ASK, folder=tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["order_service.settings"])


def test_all_stops_at_the_first_failure() -> None:
    fail_second = (
        "from django.conf import settings; print(settings.SETTINGS_MODULE, flush=True);"
        "import sys; sys.exit(3 if settings.SETTINGS_MODULE.startswith('product') else 0)"
    )
    done = manage("all", "shell", "--no-imports", "-c", fail_second)
    assert done.returncode == 3
    assert "order_service.settings" not in done.stdout
    assert "product_service: the command failed with exit code 3" in done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_system_checks_pass_and_migrations_agree_with_the_models(service: str) -> None:
    done = manage(service, "shell", "--no-imports", "-c", CHECK)
    assert done.returncode == 0, done.stdout + done.stderr
