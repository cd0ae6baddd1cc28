"""The scripts of backup and archive, with a PostgreSQL of their own: what they refuse and keep."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from deploy.local.failures import Expected
from deploy.local.program import spawn
from deploy.local.servers import archive
from deploy.local.servers.postgres import PostgresServer, unprivileged_account
from tests.slow.kept import SECONDS, Kept, must_refuse, only, stub, wait_until, whole


def test_an_interrupted_backup_leaves_nothing_that_looks_whole(copy: Kept, tmp_path: Path) -> None:
    before = whole(copy)
    copy.start()
    copy.more = {"PATH": f"{tmp_path}:{copy.environment['PATH']}"}
    stub = tmp_path / "pg_verifybackup"  # the copying is done, and the proof never ends
    stub.write_text("#!/bin/sh\nexec sleep 60\n")
    stub.chmod(0o755)
    command = ["bash", str(archive.SCRIPTS / "backup.sh")]
    process = subprocess.Popen(command, env=copy.environment, start_new_session=True)
    wait_until(lambda: any((copy.backups / "base").glob("*.part/data/backup_manifest")))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert whole(copy) == before
    stub.write_text("#!/bin/sh\nexit 1\n")
    done = copy.run("backup.sh")
    assert (done.returncode, whole(copy)) == (1, before)
    assert "the copy differs from its manifest" in done.stderr
    assert not list((copy.backups / "base").glob("*.part"))
    copy.more = {}
    copy.backup()
    assert not list((copy.backups / "base").glob("*.part"))


def test_a_backup_that_is_told_to_end_leaves_nothing(copy: Kept, tmp_path: Path) -> None:
    copy.start()
    stub(copy, tmp_path, "pg_verifybackup", f"touch {tmp_path}/begun; exec sleep 60")
    command = ["bash", str(archive.SCRIPTS / "backup.sh")]
    process = subprocess.Popen(command, env=copy.environment)
    wait_until((tmp_path / "begun").exists)
    process.terminate()
    assert process.wait(timeout=SECONDS) == 143
    assert not list((copy.backups / "base").glob("*.part"))


def test_what_is_too_old_makes_room_before_the_copying(copy: Kept, tmp_path: Path) -> None:
    copy.start()
    (name,) = whole(copy)
    for old in ("20250101T000000Z", "20240101T000000Z"):
        base = copy.backups / "base"
        subprocess.run(["cp", "-a", str(base / name), str(base / old)], check=True)
    stub(copy, tmp_path, "pg_basebackup", "exit 1")
    assert copy.run("backup.sh").returncode == 1
    assert whole(copy) == ["20250101T000000Z", name]


def test_two_backups_of_one_second_are_two(copy: Kept, tmp_path: Path) -> None:
    copy.start()
    (name,) = whole(copy)
    once = f'[[ -e {tmp_path}/said ]] && exec $REAL "$@"; touch {tmp_path}/said; echo {name}'
    stub(copy, tmp_path, "date", f'[[ "$*" == *-d* ]] && exec $REAL "$@"; {once}')
    assert copy.run("backup.sh").returncode == 0
    assert len(whole(copy)) == 2
    assert not list((copy.backups / "base" / name).glob("*.part"))


def test_the_backups_of_another_server_are_refused(copy: Kept) -> None:
    copy.server.data.rename(copy.server.home / "lost")
    copy.server.initialise()
    copy.start()
    before = whole(copy), sorted((copy.backups / "wal").iterdir())
    done = copy.run("backup.sh")
    assert done.returncode == 2, done.stderr
    assert "are of another server" in done.stderr
    with psycopg.connect(copy.server.url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
    wait_until(lambda: "the WAL of another server" in (copy.server.home / "log").read_text())
    assert (whole(copy), sorted((copy.backups / "wal").iterdir())) == before


def test_a_file_that_is_there_is_on_the_disk_before_put_says_so(copy: Kept, tmp_path: Path) -> None:
    kept = only((copy.backups / "wal").glob("*2.gz"))
    segment = tmp_path / kept.stem
    segment.write_bytes(gzip.decompress(kept.read_bytes()))
    stub(copy, tmp_path, "sync", f'echo "$@" >>{tmp_path}/synced; exec $REAL "$@"')
    assert copy.run("archive.sh", "put", str(segment), segment.name).returncode == 0
    assert str(kept) in (tmp_path / "synced").read_text()


@pytest.mark.parametrize("letter", ["%", '"', "$", "'", "`"])
def test_a_folder_that_archive_command_cannot_name_is_refused(copy: Kept, letter: str) -> None:
    backups = copy.server.home / f"kept{letter}p"
    with pytest.raises(Expected, match="cannot archive to"):
        archive.prepare(backups, copy.server.home, None)
    assert not backups.exists()
    copy.backups.rename(backups)
    copy.more = {"BACKUPS": str(backups)}
    must_refuse(copy, "latest", "--set-aside", because="cannot name a folder with")


def test_old_backups_and_their_wal_go_and_what_is_kept_can_be_restored(copy: Kept) -> None:
    copy.start()
    first = whole(copy)[0]
    copy.archive_all()
    second = copy.backup()
    assert whole(copy) == [first, second]
    assert (copy.backups / "wal" / "000000010000000000000002.gz").exists()
    old = (copy.backups / "base" / first).rename(copy.backups / "base" / "20250101T000000Z")
    older = copy.backups / "base" / "20240101T000000Z"
    subprocess.run(["cp", "-a", str(old), str(older)], check=True)
    third = copy.backup()
    # To restore to an instant a week ago one needs the backup before it, and none before that.
    assert whole(copy) == [old.name, second, third]
    moment = copy.note("three")
    copy.archive_all()
    copy.more = {"KEPT_DAYS": "0"}
    fourth = copy.backup()
    assert whole(copy) == [fourth]
    first_segment = copy.backups / "wal" / "000000010000000000000002.gz"
    assert not first_segment.exists()
    copy.note("four")
    copy.archive_all()
    copy.stop()
    must_refuse(copy, moment.isoformat(), because="is before the end of the oldest base backup")
    assert "missing" not in copy.run("restore.sh", "list").stdout
    assert copy.run("restore.sh", "latest", "--set-aside").returncode == 0
    copy.start()
    assert copy.notes() == ["four", "one", "three", "two"]


def test_a_stalled_archive_fails_the_backup_and_is_a_figure(copy: Kept) -> None:
    copy.start()
    copy.note("three")
    copy.archive_all()
    assert copy.waiting() == 0
    before = whole(copy)
    (copy.backups / "wal").rename(copy.backups / "elsewhere")
    (copy.backups / "wal").mkdir(mode=0o700)  # of root, or full: the server cannot write there
    if not unprivileged_account():
        (copy.backups / "wal").chmod(0o500)
    copy.more = {"ARCHIVE_SECONDS": "1"}
    done = copy.run("backup.sh")
    assert done.returncode == 1
    assert "archiving stands still" in done.stderr
    assert whole(copy) == before
    wait_until(lambda: copy.waiting() > 0)


def test_an_archive_takes_no_second_segment_of_one_name(copy: Kept, tmp_path: Path) -> None:
    kept = only((copy.backups / "wal").glob("*2.gz"))
    content = gzip.decompress(kept.read_bytes())
    (tmp_path / "segment").write_bytes(content[:-1] + b"\1")  # another life of the same server
    done = copy.run("archive.sh", "put", str(tmp_path / "segment"), kept.stem)
    assert done.returncode == 1
    assert "holds another" in done.stderr
    assert copy.run("archive.sh", "get", "000000090000000000000009", "none").returncode == 1


def test_a_server_that_archives_nothing_is_refused(copy: Kept) -> None:
    plain = PostgresServer(
        copy.server.home, copy.server.port, "secret", copy.server.binaries, backups=None
    )
    process = spawn(plain.program(), copy.server.home / "log")
    try:
        wait_until(plain.is_ready)
        done = copy.run("backup.sh")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    assert done.returncode == 2
    assert "archive_mode is off" in done.stderr
