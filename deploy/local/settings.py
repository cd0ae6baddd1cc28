"""The settings of the shop, checked before anything is started.

`python -m deploy.local.settings` loads those of every service and process in one go.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Mapping

from deploy.local.failures import wrong_setting
from deploy.local.folder import ROOT, VENV_PYTHON
from deploy.local.keys import SERVICES

MODULES = (*(f"{service}.settings" for service in SERVICES), "chassis.process")


def check(environment: Mapping[str, str]) -> None:
    """Raises Expected that names every wrong setting, its value and what is allowed."""
    if (switch := environment.get("MONITORING", "")) not in {"", "0", "1"}:
        raise wrong_setting(f"MONITORING must be 0 or 1, not {switch!r}")
    command = [str(VENV_PYTHON), "-m", "deploy.local.settings"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise wrong_setting(done.stderr.strip())


def main() -> int:
    from chassis.environment import WrongSettings  # needs the packages of requirements/local.txt

    wrong: dict[str, None] = {}
    for module in MODULES:
        try:
            importlib.import_module(module)
        except WrongSettings as refusal:
            wrong.update(dict.fromkeys(refusal.wrong))
    print("; ".join(wrong), file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
