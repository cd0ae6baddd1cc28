"""`backup` and `restore`: the local shop's PostgreSQL, by the scripts that the cluster runs.

BACKUP_FOLDER (or .env) names the folder for base backups and WAL; a shop that is started with it
archives its WAL there. Exit codes are those of the scripts: 0 done, 1 failed, 2 refused.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.local import keys
from deploy.local.failures import Expected
from deploy.local.folder import RunFolder
from deploy.local.ports import HOST
from deploy.local.run import holding_lock
from deploy.local.servers import archive, binaries
from deploy.local.servers.postgres import OWNER, PostgresServer, unprivileged_account
from deploy.local.stop import is_running
from deploy.local.terminal import say


def backup(arguments: list[str]) -> int:
    """A base backup of the running shop."""
    folder = RunFolder.default()
    server = _server(folder)
    connection = {
        "PGHOST": HOST,
        "PGPORT": str(server.port),
        "PGUSER": OWNER,
        "PGPASSWORD": server.password,
    }
    return _run("backup.sh", arguments, server, connection)


def restore(arguments: list[str]) -> int:
    """The stopped shop's data as they were at an instant."""
    folder = RunFolder.default().create()
    server = _server(folder)
    account = unprivileged_account()
    place = {"PGDATA": str(server.data)}
    if account:
        place["SERVER_ACCOUNT"] = f"{account.uid}:{account.gid}"
    if arguments[:1] in (["list"], ["check"]):
        return _run("restore.sh", arguments, server, place)
    if is_running(folder):
        say("Refused: the shop is running. Stop it first: make stop")
        return 2
    with holding_lock(folder):
        code = _run("restore.sh", arguments, server, place)
        if code == 0:
            folder.cluster(is_new=True)  # migrations and the like are looked at anew
    return code


def _server(folder: RunFolder) -> PostgresServer:
    backups = archive.folder(keys.given())
    password = keys.read_variables(folder.secrets).get("POSTGRES_PASSWORD")
    if backups is None or password is None:
        raise Expected(
            "There is no shop with backups here.",
            why="BACKUP_FOLDER is not set." if password else f"{folder.secrets} is not there.",
            fix="BACKUP_FOLDER=/var/backups/techcommerce make run",
        )
    home = folder.server_home
    port = folder.read("ports").get("postgres", 0)
    return PostgresServer(home, port, password, _binaries(home, backups), backups=backups)


def _binaries(home: Path, backups: Path) -> binaries.Binaries:
    """Those of the data; where these are lost, those of the newest backup."""
    if binaries.data_version(home) is not None:
        return binaries.choose(home)
    versions = sorted(backups.glob("base/*Z/data/PG_VERSION"))
    wanted = int(versions[-1].read_text()) if versions else None
    found = (each for each in binaries.installed() if wanted in (None, each.major))
    return next(found, None) or binaries.choose(home)


def _run(script: str, arguments: list[str], server: PostgresServer, more: dict[str, str]) -> int:
    environment = {**server.environment(), "BACKUPS": str(server.backups), **more}
    return subprocess.run(
        ["bash", archive.SCRIPTS / script, *arguments], env=environment
    ).returncode
