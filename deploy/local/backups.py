"""`backup` and `restore`: the local shop's PostgreSQL, by the scripts that the cluster runs.

BACKUP_FOLDER (or .env) names the folder for base backups and WAL; a shop that is started with it
archives its WAL there. Exit codes are those of the scripts: 0 done, 1 failed, 2 refused.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from deploy.local import keys
from deploy.local.failures import Refused
from deploy.local.folder import RunFolder
from deploy.local.ports import HOST
from deploy.local.run import holding_lock
from deploy.local.servers import archive, binaries
from deploy.local.servers.postgres import OWNER, PostgresServer, unprivileged_account
from deploy.local.stop import is_running
from deploy.local.tools import call

EXAMPLE = "/var/backups/techcommerce"


def backup(arguments: list[str]) -> int:
    """A base backup of the running shop."""
    if arguments:  # --help, or what the script refuses
        return _call("backup.sh", arguments)
    server = _server(RunFolder.default())
    _refuse_unless_archived(server)
    connection = {"PGHOST": HOST, "PGPORT": str(server.port), "PGUSER": OWNER}
    connection["PGPASSWORD"] = server.password
    return _call("backup.sh", arguments, _of(server) | connection)


def restore(arguments: list[str]) -> int:
    """The stopped shop's data as they were at an instant."""
    if "--help" in arguments:
        return _call("restore.sh", arguments)
    folder = RunFolder.default()
    server = _server(folder)
    account = unprivileged_account()
    place = _of(server) | {"PGDATA": str(server.data)}
    if account:
        place["SERVER_ACCOUNT"] = f"{account.uid}:{account.gid}"
    if arguments[:1] in (["list"], ["check"]):
        return _call("restore.sh", arguments, place)
    if is_running(folder):
        return _judged(arguments, server, place)
    folder.create()
    with holding_lock(folder):
        code = _call("restore.sh", arguments, place)
        if code == 0:
            folder.cluster(is_new=True)  # migrations and the like are looked at anew
    return code


def _judged(arguments: list[str], server: PostgresServer, place: dict[str, str]) -> int:
    """Why a shop that runs is not restored: the instant first, so that nobody stops it in vain."""
    if code := _call("restore.sh", ["check", *arguments], place):
        return code
    again = " ".join(dict.fromkeys((*arguments, "--set-aside")))
    raise Refused(
        "The shop is running.",
        why="Its data cannot be replaced under it.",
        fix=f'make stop && BACKUP_FOLDER={server.backups} make restore ARGS="{again}"',
    )


def _server(folder: RunFolder) -> PostgresServer:
    backups = archive.folder(keys.given())
    password = keys.read_variables(folder.secrets).get("POSTGRES_PASSWORD")
    if backups is None:
        raise Refused(
            "BACKUP_FOLDER is not set.",
            why="It names the folder of the backups, in the environment or in .env.",
            fix=f"BACKUP_FOLDER={EXAMPLE} make backup   (or restore; a shop is run with it too)",
        )
    if password is None:
        raise Refused(
            f"There is no shop in {folder.path}.",
            why=f"{folder.secrets}, which has its passwords, is not there.",
            fix=f"BACKUP_FOLDER={backups} make run",
        )
    home = folder.server_home
    port = folder.read("ports").get("postgres", 0)
    return PostgresServer(home, port, password, _binaries(home, backups), backups=backups)


def _refuse_unless_archived(server: PostgresServer) -> None:
    """A backup is whole when its WAL is in the same folder, and only the server puts it there."""
    try:
        with psycopg.connect(server.url("postgres"), connect_timeout=2) as connection:
            row = connection.execute("SHOW archive_command").fetchone()
    except psycopg.OperationalError:
        raise Refused(
            "The shop is not running.",
            why="A backup copies a PostgreSQL at work, and this shop's does not answer.",
            fix=f"BACKUP_FOLDER={server.backups} make run",
        ) from None
    archives_to = archive.named_by(row[0]) if row else None
    if archives_to is None:
        raise Refused(
            "The running shop archives nothing.",
            why="It was started without BACKUP_FOLDER.",
            fix=f"make stop && BACKUP_FOLDER={server.backups} make run",
        )
    assert server.backups
    if archives_to.resolve() != server.backups.resolve():
        raise Refused(
            f"The running shop archives to {archives_to}, and not to {server.backups}.",
            why="It was started with another BACKUP_FOLDER; a backup and its WAL lie together.",
            fix=f"BACKUP_FOLDER={archives_to} make backup",
        )


def _binaries(home: Path, backups: Path) -> binaries.Binaries:
    """Those of the data; where these are lost, those of the newest backup."""
    if binaries.data_version(home) is not None:
        return binaries.choose(home)
    versions = sorted(backups.glob("base/*Z/data/PG_VERSION"))
    wanted = int(versions[-1].read_text()) if versions else None
    found = (each for each in binaries.installed() if wanted in (None, each.major))
    return next(found, None) or binaries.choose(home)


def _of(server: PostgresServer) -> dict[str, str]:
    return {**server.environment(), "BACKUPS": str(server.backups)}


def _call(script: str, arguments: list[str], environment: dict[str, str] | None = None) -> int:
    return call("bash", str(archive.SCRIPTS / script), *arguments, env=environment)
