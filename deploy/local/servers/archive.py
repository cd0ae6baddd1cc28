"""A PostgreSQL of our own that archives its WAL, so that it can be restored to any instant.

The scripts are those of the cluster: deploy/kubernetes/components/backup. PostgreSQL itself runs
archive.sh, maybe as an account that may not enter the repository, so it gets a copy.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.local.failures import Expected
from deploy.local.folder import ROOT
from deploy.local.program import Account, may_enter

SCRIPTS = ROOT / "deploy" / "kubernetes" / "components" / "backup"
SECONDS = "45"  # at most, from one piece of WAL to the next: less than a minute can be lost
SPECIAL = "%\"'$`\\\n"  # to archive_command, or to the shell that runs it


def folder(given: Mapping[str, str]) -> Path | None:
    """Where the local shop's backups lie, if it is to have any."""
    named = given.get("BACKUP_FOLDER")
    return Path(named).absolute() if named else None


def settings(backups: Path, home: Path) -> dict[str, str]:
    """What the server is told; `home` has the copy of the script."""
    script = home / "archive.sh"
    return {
        "archive_mode": "on",
        "archive_timeout": SECONDS,
        "archive_command": f'BACKUPS="{backups}" sh "{script}" put "%p" "%f"',
    }


def named_by(archive_command: str) -> Path | None:
    """The folder that a server archives to, by its setting; None: it archives nothing."""
    found = re.match('BACKUPS="([^"]*)"', archive_command)
    return Path(found[1]) if found else None


def prepare(backups: Path, home: Path, account: Account | None) -> None:
    """The folder of backups, which the server may write to, and its copy of the script."""
    if found := set(f"{backups}{home}") & set(SPECIAL):
        raise Expected(
            f"PostgreSQL cannot archive to {backups}.",
            why=f"Its archive_command cannot name a folder with {' '.join(sorted(found))} in it.",
            fix="BACKUP_FOLDER=/var/backups/techcommerce make run",
        )
    script = home / "archive.sh"
    shutil.copyfile(SCRIPTS / "archive.sh", script)
    script.chmod(0o755)
    try:
        if not backups.exists():
            backups.mkdir(parents=True)
            backups.chmod(0o711)  # whatever the umask is: the account comes through to its archive
        (backups / "wal").mkdir(mode=0o700, exist_ok=True)
        if account:
            os.chown(backups / "wal", account.uid, account.gid)
    except OSError as error:
        raise Expected(
            f"Cannot write to {backups}.",
            why=f"{error.strerror}: BACKUP_FOLDER must be a folder that the shop can write to.",
            fix="BACKUP_FOLDER=/var/backups/techcommerce make run",
        ) from error
    if account and not may_enter(backups):
        raise Expected(
            f"PostgreSQL cannot enter {backups}.",
            why="Started by root it runs as 'nobody', who may not enter one of these folders.",
            fix="BACKUP_FOLDER=/var/backups/techcommerce make run",
        )
