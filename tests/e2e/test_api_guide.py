"""The calls of docs/api.md, run as they stand there against a whole shop."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from deploy.local.folder import ROOT
from tests.shop import Shop

BLOCKS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEEDED = ("bash", "curl", "make")


def test_order_step_by_step(shop: Shop) -> None:
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        pytest.skip(f"docs/api.md needs {', '.join(missing)}: apt-get install them")
    shop.folder.write("environment", shop.secrets)
    script = "\n".join(BLOCKS.findall((ROOT / "docs" / "api.md").read_text()))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={
            **os.environ,
            "PRODUCTS": shop.catalogue_url,
            "ORDERS": shop.shop_url,
            "RUN_FOLDER": str(shop.folder.path),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("confirmed\n[]\ncancelled\n")
