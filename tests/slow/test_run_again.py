"""A second `run` takes up what the first one left, and `reset` deletes it."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from deploy.local.program import group_lives
from tests.local.whole_shop import STOP_SECONDS, Shop


def test_a_second_start_takes_up_what_the_first_left_until_another_terminal_deletes_it(
    tmp_path: Path,
) -> None:
    """Same ports, passwords and data, nothing prepared again. `reset` is `stop` and more."""
    first = Shop(tmp_path / "run" / "shop")
    try:
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(STOP_SECONDS) == 0
        for each in (first.folder.path, *first.folder.path.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o777 if each.is_dir() else 0o666)  # as a shop without care had left it
        second = Shop(first.folder.path)
        assert second.folder.path.stat().st_mode & 0o777 == 0o700  # nobody else comes in
        assert "Preparing the shop" in first.text()
        assert "Preparing the shop" not in second.text()
        assert second.url("Orders admin") == first.url("Orders admin")
        assert re.findall(r"admin / \w+", second.text()) == re.findall(r"admin / \w+", first.text())

        home = second.folder.server_home
        done = second.command("reset", YES="1")
        assert (done.returncode, second.process.wait(STOP_SECONDS)) == (0, 0)
        assert "Stopping the shop" in done.stdout
        assert [pid for pid in second.groups if group_lives(pid)] == []
        assert not second.folder.path.exists()
        assert not home.exists()
    finally:
        first.end()
