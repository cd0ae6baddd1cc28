"""The script that restores, with a PostgreSQL of its own: what it refuses, does and leaves."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from deploy.local.servers import archive
from tests.slow.kept import SECONDS, Kept, beside, must_refuse, only, stub, wait_until, whole


def test_a_time_that_cannot_be_reached_is_refused_with_those_that_can(copy: Kept) -> None:
    name = only((copy.backups / "base").glob("*Z")).name
    possible = f"Possible is:\n{name} "
    day = timedelta(days=1)
    now = datetime.now(UTC)
    for text, why in (
        ((now - day).isoformat(), "is before the end of the oldest base backup"),
        ((now + day).isoformat(), "is in the future"),
        (now.isoformat(), "the archive does not reach"),
        (now.replace(tzinfo=None).isoformat(), "is no time with a zone"),
        ("yesterday", "is no time with a zone"),
        ("2026-02-31T00:00:00Z", "is no time."),
    ):
        must_refuse(copy, text, "--set-aside", because=why)
        must_refuse(copy, text, "--set-aside", because=possible)


def test_data_that_are_there_are_refused_and_can_be_set_aside(copy: Kept) -> None:
    must_refuse(copy, "latest", because="is not empty")
    copy.start()
    must_refuse(copy, "latest", "--set-aside", because="a server works on")
    copy.note("three, which is lost")
    assert copy.process
    copy.process.kill()  # and so never archived
    copy.stop()
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 0, done.stderr
    copy.start()
    assert copy.notes() == ["one", "two"]
    copy.stop()
    aside = only(copy.server.home.glob("postgres.before-*"))
    assert f"What was there is in {aside}; delete it when" in done.stdout
    aside.rename(copy.server.home / "former")
    copy.server.data.rename(copy.server.home / "restored")
    (copy.server.home / "former").rename(copy.server.data)
    copy.start()
    assert copy.notes() == ["one", "three, which is lost", "two"]


def test_a_restored_server_goes_on_archiving_and_is_restored_again(copy: Kept) -> None:
    copy.start()
    instant = copy.note("three")
    time.sleep(0.1)
    copy.note("four, after the instant")
    copy.archive_all()
    copy.stop()
    assert copy.run("restore.sh", instant.isoformat(), "--set-aside").returncode == 0
    copy.start()
    assert copy.notes() == ["one", "three", "two"]
    copy.note("five, in the second life")
    copy.archive_all()
    copy.stop()
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 0, done.stderr
    copy.start()
    assert copy.notes() == ["five, in the second life", "one", "three", "two"]
    copy.backup()
    assert len(whole(copy)) == 2


def test_an_instant_is_the_same_however_its_zone_is_written(copy: Kept) -> None:
    copy.start()
    instant = copy.note("three")
    time.sleep(0.1)
    copy.note("four, after the instant")
    copy.archive_all()
    copy.stop()
    east = instant.astimezone(timezone(timedelta(hours=2)))
    for written in (f"{instant:%Y-%m-%dT%H:%M:%S.%fZ}", f"{east:%Y-%m-%d %H:%M:%S.%f +0200}"):
        done = copy.run("restore.sh", written, "--set-aside")
        assert done.returncode == 0, done.stderr
        copy.start()
        assert copy.notes() == ["one", "three", "two"], written
        copy.stop()


def test_an_instant_of_a_life_that_was_left_later_is_still_that_instant(copy: Kept) -> None:
    copy.start()
    left = copy.note("three")
    time.sleep(0.1)
    wanted = copy.note("four")
    time.sleep(0.1)
    copy.note("five")
    copy.archive_all()
    abandoned = copy.backup()
    copy.stop()
    assert copy.run("restore.sh", left.isoformat(), "--set-aside").returncode == 0
    copy.start()
    copy.note("six, in the second life")
    copy.archive_all()
    copy.stop()
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert f"Copying backup {abandoned}" not in done.stdout
    copy.start()
    assert copy.notes() == ["one", "six, in the second life", "three", "two"]
    copy.stop()
    done = copy.run("restore.sh", wanted.isoformat(), "--set-aside")
    assert done.returncode == 0, done.stderr
    copy.start()
    assert copy.notes() == ["four", "one", "three", "two"]


def test_a_restore_that_fails_leaves_nothing_on_the_volume(copy: Kept, tmp_path: Path) -> None:
    stub(copy, tmp_path, "postgres", "exit 1")
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 1
    assert "the recovery stopped" in done.stderr
    assert beside(copy) == []


def test_a_restore_that_is_told_to_end_leaves_nothing_on_the_volume(
    copy: Kept, tmp_path: Path
) -> None:
    stub(copy, tmp_path, "cp", f"touch {tmp_path}/begun; exec sleep 60")
    command = ["bash", str(archive.SCRIPTS / "restore.sh"), "latest", "--set-aside"]
    process = subprocess.Popen(command, env=copy.environment)
    wait_until((tmp_path / "begun").exists)
    process.terminate()
    assert process.wait(timeout=SECONDS) == 143
    assert beside(copy) == []


def test_a_volume_that_is_too_small_is_refused(copy: Kept, tmp_path: Path) -> None:
    stub(copy, tmp_path, "df", "echo Avail; echo 9000")
    must_refuse(copy, "latest", "--set-aside", because="has 8 MiB free")
    must_refuse(copy, "check", "latest", because="has 8 MiB free")


def test_a_server_that_was_started_meanwhile_keeps_its_data(copy: Kept, tmp_path: Path) -> None:
    stub(copy, tmp_path, "pg_isready", "exit 0")
    must_refuse(copy, "latest", "--set-aside", because="a server runs on 127.0.0.1")


def test_data_that_cannot_take_their_place_leave_what_was_there(copy: Kept, tmp_path: Path) -> None:
    stub(copy, tmp_path, "mv", '[[ "$*" != *.restored* ]] && exec $REAL "$@"; exit 1')
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 1
    assert "which is as it was" in done.stderr
    assert beside(copy) == []
    assert not list((copy.backups / "wal").glob("*history*"))
    copy.start()
    assert copy.notes() == ["one", "two"]


def test_an_archive_that_is_full_fails_a_restore_before_the_data_change(
    copy: Kept, tmp_path: Path
) -> None:
    stub(copy, tmp_path, "cp", '[[ "$*" != *history* ]] && exec $REAL "$@"; exit 1')
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 1
    assert "takes no more" in done.stderr
    assert beside(copy) == []


def test_a_restore_killed_after_its_data_took_their_place_is_finished_by_the_next(
    copy: Kept, tmp_path: Path
) -> None:
    killed = '[[ "$*" != *history* ]] && exec $REAL "$@"; kill -9 $PPID'
    stub(copy, tmp_path, "mv", killed)
    assert copy.run("restore.sh", "latest", "--set-aside").returncode == -signal.SIGKILL
    assert not (copy.backups / "wal" / "00000002.history.gz").exists()
    copy.more = {}
    copy.start()
    copy.note("three, in the second life")
    copy.archive_all()
    waiting = copy.server.home / "postgres.restored.archive"
    check = copy.run("restore.sh", "check", "latest")  # as a cluster does before it stops anything
    assert check.returncode == 0, check.stderr
    assert waiting.exists()
    copy.stop()
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 0, done.stderr
    assert not waiting.exists()
    copy.start()
    assert copy.notes() == ["one", "three, in the second life", "two"]


def test_a_restore_waits_for_the_backup_that_may_delete_what_it_reads(copy: Kept) -> None:
    copy.more = {"LOCK_SECONDS": "1"}
    with (copy.backups / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        must_refuse(copy, "latest", "--set-aside", because="a backup has been at it for 1 s")


def test_a_broken_backup_is_refused(copy: Kept) -> None:
    base = only((copy.backups / "base").glob("*Z"))
    file = max((base / "data" / "base").rglob("*"), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    must_refuse(copy, "latest", "--set-aside", because=f"{base.name} is broken: ")
    (base / "data" / "backup_manifest").unlink()
    must_refuse(copy, "latest", "--set-aside", because="there is no whole base backup")


def test_missing_and_broken_wal_is_named(copy: Kept) -> None:
    copy.start()
    for word in ("three", "four"):
        moment = copy.note(word)
        copy.archive_all()
    copy.stop()
    segments = sorted(
        path for path in (copy.backups / "wal").glob("*.gz") if len(path.name) == 24 + len(".gz")
    )
    lost, content = segments[-2], segments[-2].read_bytes()
    lost.unlink()
    because = f"the archive lacks {lost.stem}, and {moment.isoformat()} lies behind it"
    must_refuse(copy, moment.isoformat(), "--set-aside", because=because)
    must_refuse(copy, "latest", "--set-aside", because=f"then {lost.stem} is missing")
    lost.write_bytes(content[:-20])
    must_refuse(copy, "latest", "--set-aside", because=f"the archive is broken: gzip: {lost}")
