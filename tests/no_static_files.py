"""pytest plugin: the static files of the admin are neither gathered nor served.

Tests do without the manifest that `collectstatic` makes. And where somebody gathered the files,
WhiteNoise would read all of them for every new client, a tenth of a second each.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(scope="session")
def empty_static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("no-static-files")


@pytest.fixture(autouse=True)
def _no_static_files(settings: Settings, empty_static_root: Path) -> None:
    settings.STATIC_ROOT = empty_static_root
    settings.STORAGES = {**settings.STORAGES, "staticfiles": PLAIN}
