"""The real settings, one slow task: `celery -A tests.faults.plants.slow_worker worker`."""

from __future__ import annotations

import time
from pathlib import Path

from order_service.celery import app


@app.task(name="plants.doze")
def doze(seconds: float, folder: str, name: str) -> None:
    """Leave a file when it begins and one when it is done."""
    Path(folder, f"{name}.begun").touch()
    time.sleep(seconds)
    Path(folder, f"{name}.done").touch()
