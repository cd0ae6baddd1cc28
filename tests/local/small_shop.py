"""A supervisor over three stand-ins, run as a process of its own so that tests can kill it.

python -m tests.local.small_shop <folder> [stubborn] [copies]     prints "ready" once all are ready
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from deploy.local import inherited, ports
from deploy.local.folder import RunFolder
from deploy.local.program import Program
from deploy.local.run import holding_lock
from deploy.local.supervisor import Supervisor
from tests.local.stand_in import listens

STAGES = {"inner": 0, "middle": 1, "outer": 2}


async def main(folder: RunFolder, *extra: str) -> None:
    numbers = dict(zip(STAGES, ports.any_free(len(STAGES)), strict=True))
    (folder.path / "numbers.json").write_text(json.dumps(numbers))
    supervisor = Supervisor(folder, lambda text: print(text, flush=True))
    supervisor.listen_to_signals()
    diary = str(folder.path / "diary")
    command = (sys.executable, "-m", "tests.local.stand_in")
    await supervisor.start(
        [
            Program(
                name=name,
                argv=(*command, name, diary, str(numbers[name]), *extra),
                environment=dict(os.environ),
                is_ready=listens(numbers[name]),
                stage=stage,
                stop_seconds=20.0,
                may_be_copy="copies" in extra,
            )
            for name, stage in STAGES.items()
        ]
    )
    print("ready", flush=True)
    await supervisor.until_stopped()
    await supervisor.stop_all()


if __name__ == "__main__":
    inherited.take_signals()
    run_folder = RunFolder(Path(sys.argv[1])).create()
    with holding_lock(run_folder):
        asyncio.run(main(run_folder, *sys.argv[2:]))
