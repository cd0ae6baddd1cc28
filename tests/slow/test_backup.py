"""The scripts of backup and restore, with a PostgreSQL of their own: what they refuse and keep."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from deploy.local import ports
from deploy.local.failures import Expected
from deploy.local.program import end_group, spawn
from deploy.local.servers import archive, binaries
from deploy.local.servers.postgres import OWNER, PostgresServer, unprivileged_account
from order_service.figures.archive import QUERY
from tests.local.test_servers import new_home

SECONDS = 20.0


@dataclass
class Kept:
    """A server that archives its WAL, and its backups."""

    server: PostgresServer
    process: subprocess.Popen[bytes] | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def backups(self) -> Path:
        assert self.server.backups
        return self.server.backups

    @property
    def environment(self) -> dict[str, str]:
        connection = {"PGHOST": "127.0.0.1", "PGPORT": str(self.server.port), "PGUSER": OWNER}
        account = unprivileged_account()
        owner = {"SERVER_ACCOUNT": f"{account.uid}:{account.gid}"} if account else {}
        place = {"PGDATA": str(self.server.data), "BACKUPS": str(self.backups)}
        password = {"PGPASSWORD": self.server.password}
        return self.server.environment() | connection | password | place | owner | self.more

    def start(self) -> None:
        self.process = spawn(self.server.program(), self.server.home / "log")
        wait_until(self.server.is_ready)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=SECONDS)
            end_group(self.process.pid)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(archive.SCRIPTS / script), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def backup(self) -> str:
        """Its name."""
        done = self.run("backup.sh")
        assert done.returncode == 0, done.stderr
        return done.stdout.split("backup ")[1].split()[0]

    def note(self, word: str) -> datetime:
        """Commit a row; a moment after it, at which whole second no other row is written."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
            connection.execute("INSERT INTO note VALUES (%s)", [word])
        return datetime.now(UTC)

    def archive_all(self) -> None:
        """What archive_timeout does after a while."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row
        wait_until((self.backups / "wal" / f"{row[0]}.gz").exists)

    def waiting(self) -> float:
        """What the metric says: seconds since when WAL waits."""
        with psycopg.connect(self.server.url("postgres")) as connection:
            row = connection.execute(QUERY).fetchone()
        assert row
        return float(row[0])

    def notes(self) -> list[str]:
        with psycopg.connect(self.server.url("postgres")) as connection:
            return [row[0] for row in connection.execute("SELECT word FROM note ORDER BY word")]


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


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


def only(found: Iterator[Path]) -> Path:
    (path,) = found
    return path


def whole(kept: Kept) -> list[str]:
    return sorted(path.name for path in (kept.backups / "base").glob("*Z"))


def must_refuse(kept: Kept, *arguments: str, because: str) -> None:
    before = sorted(kept.server.home.iterdir())
    done = kept.run("restore.sh", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert because in done.stderr
    assert sorted(kept.server.home.iterdir()) == before


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


def test_an_instant_of_a_life_that_was_left_later_is_still_that_instant(copy: Kept) -> None:
    copy.start()
    left = copy.note("three")
    time.sleep(0.1)
    wanted = copy.note("four")
    time.sleep(0.1)
    copy.note("five")
    copy.archive_all()
    abandoned = copy.backup()  # of what the restore leaves: nothing of the second life comes from it
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


def stub(copy: Kept, folder: Path, name: str, lines: str) -> None:
    """A program that comes before the real one, in REAL."""
    path = copy.environment["PATH"]
    real = shutil.which(name, path=path)
    copy.more["PATH"] = path if path.startswith(f"{folder}:") else f"{folder}:{path}"
    (folder / name).write_text(f"#!/bin/bash\nREAL={real}\n{lines}\n")
    (folder / name).chmod(0o755)


def beside(copy: Kept) -> list[str]:
    return sorted(path.name for path in copy.server.home.glob("postgres?*"))


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


def test_data_that_cannot_take_their_place_leave_what_was_there(
    copy: Kept, tmp_path: Path
) -> None:
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
    copy.stop()
    done = copy.run("restore.sh", "latest", "--set-aside")
    assert done.returncode == 0, done.stderr
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


def test_a_file_that_is_there_is_on_the_disk_before_put_says_so(
    copy: Kept, tmp_path: Path
) -> None:
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
