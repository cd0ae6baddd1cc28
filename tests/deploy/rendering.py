"""Renders a folder with kubectl, or says why it cannot be done here."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache

import pytest

from tests.deploy.manifests import ROOT

OLDEST = (1, 27)


@cache
def missing_kubectl() -> str:
    """Why nothing can be rendered here; empty when it can."""
    if not shutil.which("kubectl"):
        return "kubectl is not on PATH"
    shown = subprocess.check_output(["kubectl", "version", "--client", "--output=json"])
    version = json.loads(shown)["clientVersion"]
    if (int(version["major"]), int(version["minor"].rstrip("+"))) < OLDEST:
        return f"kubectl {version['gitVersion']} is too old"
    return ""


@cache
def render(folder: str) -> str:
    if missing := missing_kubectl():
        pytest.skip(missing)
    command = ["kubectl", "kustomize", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
