"""`make backup` and `make restore` beside a PostgreSQL at work, as that of `make run`."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import backups
from deploy.local.failures import Refused
from deploy.local.folder import ROOT, RunFolder
from tests.slow.kept import SECONDS, Kept, wait_until, whole

# Ended by Ctrl-C, this script still has to tidy up, and takes its time.
TIDY = """trap 'sleep 1; touch "$0.tidied"; exit 130' INT
touch "$0.begun"
while true; do sleep 0.05; done
"""
INTERRUPTED = """
import sys
from pathlib import Path
from deploy.local import backups
from deploy.local.servers import archive
archive.SCRIPTS = Path(sys.argv[1])
sys.exit(backups.backup(["now"]))
"""


@pytest.fixture
def shop(copy: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The copy as the server of a run folder, at work."""
    monkeypatch.setenv("RUN_FOLDER", str(tmp_path))
    monkeypatch.setenv("BACKUP_FOLDER", str(copy.backups))
    monkeypatch.setattr(RunFolder, "server_home", property(lambda folder: copy.server.home))
    (tmp_path / "secrets.env").write_text(f"POSTGRES_PASSWORD={copy.server.password}\n")
    (tmp_path / "ports.json").write_text(json.dumps({"postgres": copy.server.port}))
    copy.start()
    return copy


def test_a_backup_goes_where_its_wal_goes_and_nowhere_else(
    shop: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    monkeypatch.setenv("BACKUP_FOLDER", str(other))
    with pytest.raises(Refused, match=f"archives to {shop.backups}, and not to {other}") as refused:
        backups.backup([])
    assert refused.value.fix == f"BACKUP_FOLDER={shop.backups} make backup"
    assert not other.exists()
    other.symlink_to(shop.backups)  # the same folder by another name
    assert backups.backup([]) == 0
    assert len(whole(shop)) == 2


def test_a_server_that_archives_nothing_is_not_backed_up(shop: Kept, tmp_path: Path) -> None:
    shop.stop()
    shop.server = replace(shop.server, backups=None)
    shop.start()
    with pytest.raises(Refused, match="archives nothing") as refused:
        backups.backup([])
    assert refused.value.fix.startswith("make stop && BACKUP_FOLDER=")


def test_the_instant_is_judged_before_the_shop_has_to_stop(
    shop: Kept, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert backups.restore(["2020-01-01T00:00:00Z", "--set-aside"]) == 2
        assert "is before the end of the oldest base backup" in capfd.readouterr().err
        with pytest.raises(Refused, match="The shop is running") as refused:
            backups.restore(["latest"])
    again = f'BACKUP_FOLDER={shop.backups} make restore ARGS="latest --set-aside"'
    assert refused.value.fix == f"make stop && {again}"
    assert "Can be restored: latest from backup" in capfd.readouterr().out
    assert shop.notes() == ["one", "two"]


def test_an_interrupt_leaves_the_script_its_time(tmp_path: Path) -> None:
    script = tmp_path / "backup.sh"
    script.write_text(TIDY)
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    wait_until((tmp_path / "backup.sh.begun").exists)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.wait(timeout=SECONDS) == 130
    assert (tmp_path / "backup.sh.tidied").exists()
