"""`make backup` and `make restore` where no shop runs: refused before anything is touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploy.local import backups
from deploy.local.failures import Refused
from deploy.local.folder import ROOT, VENV_PYTHON
from deploy.local.servers import archive

TIME = "2026-07-31T02:17:00Z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a shop that does not run."""
    monkeypatch.setenv("RUN_FOLDER", str(tmp_path / "run"))
    monkeypatch.setenv("BACKUP_FOLDER", str(tmp_path / "backups"))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "secrets.env").write_text("POSTGRES_PASSWORD=secret\n")
    return tmp_path / "run"


def test_without_a_folder_the_script_says_what_to_set(folder: Path) -> None:
    done = subprocess.run(
        ["bash", str(ROOT / "deploy" / "scripts" / "backup.sh")],
        env={**os.environ, "BACKUP_FOLDER": "", "PYTHON": str(VENV_PYTHON)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Refused: BACKUP_FOLDER is not set.\n")
    assert "  Fix: BACKUP_FOLDER=/var/backups/techcommerce make backup" in done.stderr


@pytest.mark.parametrize("arguments", [[TIME], ["list"], ["check", TIME]])
def test_a_restore_without_a_folder_or_a_shop_makes_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    (folder / "secrets.env").unlink()
    folder.rmdir()
    with pytest.raises(Refused, match="There is no shop in "):
        backups.restore(arguments)
    monkeypatch.setenv("BACKUP_FOLDER", "")
    with pytest.raises(Refused, match="BACKUP_FOLDER is not set"):
        backups.restore(arguments)
    assert not folder.exists()


def test_a_shop_that_does_not_run_is_not_backed_up(folder: Path) -> None:
    with pytest.raises(Refused, match="The shop is not running") as refused:
        backups.backup([])
    assert refused.value.fix == f"BACKUP_FOLDER={folder.parent / 'backups'} make run"
    assert not (folder.parent / "backups").exists()


@pytest.mark.parametrize(
    ("script", "arguments", "because"),
    [
        ("backup.sh", ["--bogus"], "backup.sh takes no argument, and not --bogus"),
        ("restore.sh", ["--bogus"], "there is no option --bogus"),
        ("restore.sh", ["list", "extra"], "there is one argument too many, extra"),
        ("restore.sh", [TIME, "extra"], "there is one argument too many, extra"),
        ("restore.sh", ["check", "--set-aside"], "say the instant"),
        ("restore.sh", [], "say the instant"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_in_one_sentence(
    folder: Path, script: str, arguments: list[str], because: str
) -> None:
    command = ["bash", str(archive.SCRIPTS / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Refused: {because}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["backup", "restore"])
def test_help_needs_no_shop(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BACKUP_FOLDER", "")
    assert getattr(backups, name)(["--help"]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    assert f"  {name}.sh" in said.out
