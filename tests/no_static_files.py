"""pytest plugin: the static files of the admin are neither gathered nor served.

WhiteNoise reads all of them for every new client, a tenth of a second where somebody gathered them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("no-static-files")


@pytest.fixture(autouse=True)
def _no_static_files(settings: Any, empty_folder: Path) -> None:
    settings.STATIC_ROOT = empty_folder
    settings.STORAGES = {**settings.STORAGES, "staticfiles": PLAIN}
