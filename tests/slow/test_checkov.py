"""Checkov finds nothing in the manifests and the Dockerfile, and finds what is planted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.deploy.manifests import ROOT

SCRIPT = ROOT / "deploy" / "scripts" / "ci" / "checkov.sh"
PLANTED = """
apiVersion: v1
kind: Pod
metadata: {name: planted, namespace: shop}
spec:
  containers:
    - name: app
      image: example.org/app:latest
      securityContext: {privileged: true}
"""


def checkov(*files: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", str(SCRIPT), *map(str, files)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_nothing_fails() -> None:
    done = checkov()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("nothing failed") == 4
    assert done.stdout.count("Failed checks: 0") == 3


def test_what_is_planted_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.yaml").write_text(PLANTED)
    done = checkov(tmp_path / "planted.yaml")
    assert done.returncode == 1
    assert {"CKV_K8S_16", "CKV_K8S_14"} <= {word.strip(":") for word in done.stdout.split()}


def test_a_file_that_is_not_there_is_not_taken_for_a_clean_one(tmp_path: Path) -> None:
    done = checkov(tmp_path / "absent.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no file" in done.stderr
