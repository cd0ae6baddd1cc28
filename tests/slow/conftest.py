"""The servers of the tests of backup and restore."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest

from deploy.local import ports
from deploy.local.servers import binaries
from deploy.local.servers.postgres import PostgresServer
from tests.local.test_servers import new_home
from tests.slow.kept import Kept


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """Row "one", a backup, row "two", and its WAL archived; stopped."""
    with new_home() as home:
        home.chmod(0o711)
        chosen = binaries.choose(home)
        port = ports.any_free(1)[0]
        found = Kept(PostgresServer(home / "server", port, "secret", chosen, backups=home / "kept"))
        found.server.initialise()
        found.start()
        try:
            found.note("one")
            found.backup()
            time.sleep(1)  # a label of a backup knows whole seconds
            found.note("two")
            found.archive_all()
        finally:
            found.stop()
        yield found


@pytest.fixture
def copy(kept: Kept) -> Iterator[Kept]:
    """A copy of it that a test may break, still stopped."""
    with new_home() as home:
        subprocess.run(["cp", "-a", f"{kept.server.home.parent}/.", str(home)], check=True)
        port = ports.any_free(1)[0]
        chosen = kept.server.binaries
        found = Kept(PostgresServer(home / "server", port, "secret", chosen, backups=home / "kept"))
        yield found
        found.stop()
