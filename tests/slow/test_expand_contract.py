"""deploy/scripts/ci/expand-contract.sh on a repository with planted migrations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.folder import ROOT

SCRIPT = "deploy/scripts/ci/expand-contract.sh"
FILE = "order_service/tests/api/test_place.py"
TEST = f"{FILE}::test_an_order_is_accepted_with_everything_copied_into_it"
# One test of each migrates by itself.
MIGRATING = ("storefront/tests/test_migrations.py", "storefront/tests/test_release_before.py")
MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "{last}")]
    operations = [{operation}]
"""
LAST = max((ROOT / "order_service" / "orders" / "migrations").glob("0*.py")).stem
NULLABLE = 'migrations.AddField("orderline", "gift", models.CharField(max_length=9, null=True))'
NOT_NULL = 'migrations.AddField("orderline", "gift", models.CharField(max_length=9))'
DROPPED = 'migrations.RemoveField("orderline", "image")'


def git(folder: Path, *arguments: str) -> str:
    names = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "gc.auto=0")
    command = ["git", *names, "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One commit with the files as they are here, called `before`."""
    folder = tmp_path_factory.mktemp("repository")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split(
        "\0"
    ):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=before")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=before")
    return folder


def plant(repository: Path, name: str, operation: str) -> None:
    """A branch of that name with a migration of that name."""
    git(repository, "switch", "--quiet", "--create", name, "before")
    file = repository / "order_service" / "orders" / "migrations" / f"9000_{name}.py"
    file.write_text(MIGRATION.format(last=LAST, operation=operation))
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", f"--message={name}")


def tried(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name[:6] != "PYTEST"}
    done = subprocess.run(
        [str(repository / SCRIPT), *arguments],
        env={**inherited, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    print(done.stdout, done.stderr)
    return done


def test_a_column_more_suits_the_version_before(repository: Path) -> None:
    plant(repository, "nullable", NULLABLE)
    done = tried(repository, "before", "nullable", "--", TEST, *MIGRATING)
    assert done.returncode == 0
    assert "storefront: 2 passed, 2 deselected" in done.stdout
    assert "orders/migrations/9000_nullable.py" in done.stdout
    assert "order_service: 1 passed" in done.stdout
    assert done.stdout.endswith("The version before works on the schema of the new one.\n")
    assert git(repository, "worktree", "list").count("\n") == 1


@pytest.mark.parametrize(("name", "operation"), [("not_null", NOT_NULL), ("dropped", DROPPED)])
def test_a_migration_that_breaks_the_version_before_is_told(
    repository: Path, name: str, operation: str
) -> None:
    plant(repository, name, operation)
    done = tried(repository, "before", name, "--", TEST)
    assert done.returncode == 1
    assert f"{TEST} FAILS on this schema and passes on its own." in done.stdout
    assert done.stderr.endswith(f": orders/9000_{name}.py.\n")


def test_a_test_that_fails_anyway_is_not_counted(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "red", "before")
    file = repository / FILE
    kept = file.read_text()
    file.write_text(f"{kept}\n\ndef test_red() -> None:\n    assert False\n")
    git(repository, "commit", "--quiet", "--all", "--message=red")
    plant(repository, "after_red", NULLABLE)
    git(repository, "rebase", "--quiet", "red")
    done = tried(repository, "red", "after_red", "--", f"{TEST.partition('::')[0]}::test_red")
    assert done.returncode == 0
    assert "test_red fails on its own schema too" in done.stdout


def test_without_a_migration_it_ends_at_once(repository: Path) -> None:
    began = time.monotonic()
    done = tried(repository, "before", "before")
    assert (done.returncode, time.monotonic() - began < 5) == (0, True)
    assert done.stdout.startswith("No migration between ")


def test_what_cannot_be_tried_is_refused(repository: Path, tmp_path: Path) -> None:
    def refusal(folder: Path, *arguments: str) -> str:
        done = tried(folder, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    assert "say what serves now" in refusal(repository)
    assert "there is no commit nowhere here\n" in refusal(repository, "nowhere")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", str(shallow))
    assert "this clone is shallow: git fetch --unshallow" in refusal(shallow, "HEAD^")
    (repository / "forgotten.py").touch()
    assert "changes that are not committed" in refusal(repository, "before")
    (repository / "forgotten.py").unlink()
