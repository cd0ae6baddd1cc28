"""Where Prometheus finds the processes of the local shop, in its own file format (file_sd)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from deploy.local.folder import RunFolder
from deploy.local.ports import HOST, METERED


def write(ports: Mapping[str, int], folder: RunFolder) -> None:
    """Replace monitoring/targets.json; a job is named as the process is on Kubernetes."""
    targets = [
        {"targets": [metrics_address(ports, name)], "labels": {"job": name.replace("_", "-")}}
        for name in METERED
    ]
    file = folder.path / "monitoring" / "targets.json"
    file.parent.mkdir(exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(targets, indent=1))
    draft.replace(file)


def metrics_address(ports: Mapping[str, int], name: str) -> str:
    return f"{HOST}:{ports[f'{name}-metrics']}"
