"""Prometheus and Alertmanager beside the shop: `make run MONITORING=1`.

They work on the files of monitoring/, linked into the run folder because relative paths inside them
are those of the folder they are found in:

.run/monitoring/
    prometheus.yml, rules, alertmanager.yml    links
    targets.json, alertmanagers.json           where the processes of this run listen
    receivers/                                 where alerts go: one address a file, the mailbox
    data/                                      what was measured

They listen on this machine alone, and answer to any Host: neither has a setting for it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.local.failures import Expected
from deploy.local.folder import ROOT, RunFolder
from deploy.local.ports import HOST, METERED
from deploy.local.program import Program
from deploy.local.readiness import answers_http
from deploy.local.shop import OUTER

SOURCE = ROOT / "monitoring"
LINKS = {
    "prometheus.yml": SOURCE / "prometheus" / "local.yml",
    "rules": SOURCE / "prometheus" / "rules",
    "alertmanager.yml": SOURCE / "alertmanager" / "alertmanager.yml",
}
# The dead-man's switch is only answered: nobody wants a mail every five minutes.
RECEIVERS = {"pager": "alerts/pager", "chat": "alerts/chat", "dead-man": "heartbeat"}
ALERT_PAGES = ("/alerts", "/classic/alerts")


def is_wanted(given: Mapping[str, str]) -> bool:
    return given.get("MONITORING") == "1"


def find() -> tuple[str, str]:
    """Where the two are installed; raises Expected when one is missing."""
    prometheus = shutil.which("prometheus")
    # The second name is Debian's.
    alertmanager = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
    if prometheus and alertmanager:
        return prometheus, alertmanager
    missing = {"Prometheus": prometheus, "Alertmanager": alertmanager}
    raise Expected(
        f"{' and '.join(name for name, path in missing.items() if not path)} not found.",
        why="MONITORING=1 asks for both, and they come with no Python package.",
        fix="sudo apt-get install -y prometheus prometheus-alertmanager",
    )


def write_targets(ports: Mapping[str, int], folder: RunFolder) -> None:
    """Where Prometheus finds the shop's processes (file_sd); a job is named as on Kubernetes."""
    targets = [
        {"targets": [metrics_address(ports, name)], "labels": {"job": name.replace("_", "-")}}
        for name in METERED
    ]
    (folder.path / "monitoring").mkdir(exist_ok=True)
    folder.write("monitoring/targets", targets)


def metrics_address(ports: Mapping[str, int], name: str) -> str:
    return f"{HOST}:{ports[f'{name}-metrics']}"


def programs(found: tuple[str, str], ports: Mapping[str, int], folder: RunFolder) -> list[Program]:
    """Both programs, their folder made ready."""
    home = _prepare(ports, folder.path / "monitoring")
    return [
        _program(
            "prometheus",
            ports["prometheus"],
            home,
            *(found[0], "--config.file=prometheus.yml"),
            *("--storage.tsdb.path=data/prometheus", "--storage.tsdb.retention.time=3d"),
            "--enable-feature=expand-external-labels",  # before Prometheus 3; it does so by itself
            RUNBOOKS_URL=f"http://{HOST}:{ports['mailbox']}/runbooks",
        ),
        _program(
            "alertmanager",
            ports["alertmanager"],
            home,
            *(found[1], "--config.file=alertmanager.yml"),
            *("--storage.path=data/alertmanager", "--cluster.listen-address="),
        ),
    ]


def alerts_page(port: int) -> str:
    """Where this build of Prometheus shows alerts: Debian's has the old pages alone."""
    paths = (path for path in ALERT_PAGES if answers_http(port, path, below=400)())
    return f"http://{HOST}:{port}{next(paths, ALERT_PAGES[0])}"


def _program(name: str, port: int, home: Path, *argv: str, **variables: str) -> Program:
    address = f"{HOST}:{port}"
    listening = (f"--web.listen-address={address}", f"--web.external-url=http://{address}")
    return Program(
        name=name,
        argv=(*argv, *listening, "--log.level=warn"),
        environment={"PATH": os.environ.get("PATH", os.defpath), **variables},
        is_ready=answers_http(port, "/-/ready"),
        stage=OUTER,
        folder=home,
    )


def _prepare(ports: Mapping[str, int], home: Path) -> Path:
    (home / "receivers").mkdir(parents=True, exist_ok=True)
    for name, source in LINKS.items():
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to(source)
    for name, path in RECEIVERS.items():
        (home / "receivers" / name).write_text(f"http://{HOST}:{ports['mailbox']}/{path}")
    target = {"targets": [f"{HOST}:{ports['alertmanager']}"], "labels": {"job": "alertmanager"}}
    (home / "alertmanagers.json").write_text(json.dumps([target]))
    return home
