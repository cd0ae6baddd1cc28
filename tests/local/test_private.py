"""What a shop keeps is its owner's alone, also where an earlier one was careless."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import cluster_secrets
from deploy.local.folder import RunFolder
from sandbox.ledger import Ledger


@pytest.fixture(autouse=True, params=[0, 0o022])
def careless(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_closed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "shop").create()
    assert {mode(each) for each in (folder.path, folder.logs, folder.mail)} == {0o700}


def test_a_kept_folder_is_closed_at_the_next_start(tmp_path: Path) -> None:
    """Nobody else comes in, so nobody reads what an earlier shop wrote, whatever its umask was."""
    (tmp_path / "lock").touch()
    tmp_path.chmod(0o755)
    RunFolder(tmp_path).create()
    assert mode(tmp_path) == 0o700


def test_what_no_shop_made_is_left_alone(tmp_path: Path) -> None:
    """RUN_FOLDER may name any folder."""
    (tmp_path / "album").mkdir(mode=0o755)
    (tmp_path / "album").chmod(0o755)
    tmp_path.chmod(0o755)
    RunFolder(tmp_path).create()
    assert mode(tmp_path / "album") == mode(tmp_path) == 0o755


def test_the_ledger_of_the_bank_is_closed(tmp_path: Path) -> None:
    (tmp_path / "ledger").touch(mode=0o666)
    for name in ("ledger", "new"):
        Ledger(tmp_path / name).close()
        assert mode(tmp_path / name) == 0o600


def test_the_folder_of_the_secrets_is_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files are for containers with other users; the folder is what keeps others out."""
    tmp_path.chmod(0o755)
    cluster_secrets.main([str(tmp_path)])
    assert mode(tmp_path) == 0o700
