"""The command line on a bare Python: nothing installed, nothing running, everything said."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import doctor, keys, prepare, venv
from deploy.local.cli import COMMANDS, Command
from deploy.local.failures import Expected
from deploy.local.folder import ROOT, RunFolder
from deploy.local.follow import _new_lines
from deploy.local.run import run
from deploy.local.stop import reset

BARE = (sys.executable, "-S", "-m", "deploy.local")  # -S: no packages, as before any installation


def command(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BARE, *arguments],
        cwd=ROOT,
        env={**os.environ, "RUN_FOLDER": str(folder), **variables},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def test_doctor_works_before_anything_is_installed(tmp_path: Path) -> None:
    done = command("doctor", "--json", folder=tmp_path)
    results = json.loads(done.stdout)
    assert len(results) >= 15
    assert {result["status"] for result in results} <= {"ok", "warning", "failed"}
    assert [each["name"] for each in results if each["status"] != "ok" and not each["detail"]] == []
    assert done.returncode == int(any(each["status"] == "failed" for each in results))


def test_doctor_fails_on_data_of_another_postgres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RunFolder, "server_home", property(lambda folder: tmp_path))
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12")
    assert doctor.main([]) == 1
    shown = capsys.readouterr().out
    assert "the data is of PostgreSQL 12" in shown
    assert "Fix: make reset YES=1" in shown


def test_what_the_machine_lacks_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doctor.require_prerequisites()
    monkeypatch.setattr(doctor, "DISK_BYTES", 1 << 60)
    with pytest.raises(Expected, match=r"Disk: .* GiB free; 1 GiB is needed") as failure:
        doctor.require_prerequisites()
    assert failure.value.fix.startswith("rm -rf")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("has no wheels with a matching platform tag", "A package has no wheel for this machine."),
        ("Failed to fetch: tcp connect error", "Installing the Python packages failed."),
    ],
)
def test_a_failed_installation_names_its_cause(answer: str, what: str) -> None:
    with pytest.raises(Expected) as failure:
        venv._run([sys.executable, "-c", f"import sys; sys.exit({answer!r})"])
    assert (failure.value.what, failure.value.lines) == (what, (answer,))


def test_whatever_help_lists_is_a_target_of_make_and_the_other_way_round(tmp_path: Path) -> None:
    shown = command("help", folder=tmp_path).stdout
    listed = re.findall(r"^  ([a-z-]+)  +\S", shown, re.MULTILINE)
    assert listed == [each.name for each in COMMANDS]
    targets = (ROOT / "Makefile").read_text().partition(".PHONY:")[2].splitlines()[0].split()
    assert set(targets) == set(listed)
    for name in listed:
        planned = subprocess.run(
            ["make", "-n", name], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        assert f"-m deploy.local {name}" in planned


@pytest.mark.parametrize("listed", COMMANDS, ids=lambda each: each.name)
def test_each_command_is_where_the_table_says(listed: Command) -> None:
    """It is imported only when it is called."""
    assert callable(listed.load())


def test_an_unknown_command_is_refused_with_the_list(tmp_path: Path) -> None:
    done = command("rnu", folder=tmp_path)
    assert done.returncode == 2
    assert "There is no command 'rnu'." in done.stdout
    assert "start the shop" in done.stdout


def test_stop_with_nothing_running_says_so(tmp_path: Path) -> None:
    done = command("stop", folder=tmp_path / "never")
    assert (done.returncode, done.stdout.strip()) == (0, "Nothing is running.")


def test_data_whose_password_is_lost_is_named_at_once_and_can_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deletes the run folder of a shop of root leaves its database, which lies outside."""
    monkeypatch.setattr(RunFolder, "server_home", property(lambda folder: tmp_path / "outside"))
    monkeypatch.setenv("RUN_FOLDER", str(tmp_path / "run"))
    monkeypatch.setenv("YES", "1")
    version = tmp_path / "outside" / "postgres" / "PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("15")
    with pytest.raises(Expected, match="belongs to a shop whose passwords are gone") as failure:
        run([])
    assert failure.value.fix == "make reset YES=1   (deletes the data)"
    assert version.exists()
    (tmp_path / "run" / "lock").unlink()  # as in a folder that is no shop's
    assert reset([]) == 0
    assert (tmp_path / "run").exists()
    assert not version.exists()


def test_reset_asks_before_it_deletes(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("data")
    assert command("reset", folder=tmp_path, YES="1").returncode == 0
    assert kept.exists()  # not a shop's folder
    (tmp_path / "lock").touch()
    asked = subprocess.run(
        [*BARE, "reset"],
        cwd=ROOT,
        env={**os.environ, "RUN_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        input="n\n",
    )
    assert asked.returncode == 1
    assert kept.exists()
    assert command("reset", folder=tmp_path, YES="1").returncode == 0
    assert not tmp_path.exists()


def test_demo_failure_without_a_shop_says_how_to_start_one(tmp_path: Path) -> None:
    done = command("demo-failure", folder=tmp_path)
    assert done.returncode == 1
    assert "Failed: The shop is not running." in done.stdout
    assert "Fix: make run" in done.stdout


def test_an_old_python_gets_a_sentence() -> None:
    old = "import sys; sys.version_info = (3, 9); import runpy; runpy.run_module('deploy.local')"
    done = subprocess.run([sys.executable, "-c", old], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    first = keys.kept(file)
    assert keys.kept(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(set(first.values())) == len(first)


def test_half_a_key_pair_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    first = keys.kept(file)
    lines = [each for each in file.read_text().splitlines() if "STOREFRONT_PUBLIC" not in each]
    file.write_text("\n".join(lines))
    second = keys.kept(file)
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"STOREFRONT_SIGNING_KEY", "STOREFRONT_PUBLIC_KEYS"}
    assert keys.kept(file) == second


def test_work_is_done_again_when_a_file_changes(tmp_path: Path) -> None:
    folder, file = RunFolder(tmp_path).create(), tmp_path / "0001_first.py"
    file.write_text("one")
    folder.mark_done("migrate", prepare.fingerprint("cluster", files=[file]))
    assert folder.is_done("migrate", prepare.fingerprint("cluster", files=[file]))
    assert not folder.is_done("migrate", prepare.fingerprint("another", files=[file]))
    file.write_text("two")
    assert not folder.is_done("migrate", prepare.fingerprint("cluster", files=[file]))


def test_only_whole_lines_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\ntwo\nthr")
    with log.open("rb") as file:
        assert _new_lines(file) == ["one", "two"]
        with log.open("ab") as more:
            more.write("ee ü\n".encode())
        assert _new_lines(file) == ["three ü"]
        assert _new_lines(file) == []


def test_what_is_imported_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten processes start at once; where the user forbids bytecode, each would compile its own."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv(venv.BEGAN, "0")
    venv.enter("dev", [])
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_a_linked_venv_is_never_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    link = tmp_path / ".venv"
    link.symlink_to(theirs)
    monkeypatch.setattr(venv, "VENV", link)
    with pytest.raises(Expected, match=r"is a link to a \.venv that does not suit") as failure:
        venv._create()
    assert failure.value.fix == f"rm {link}"
    assert (theirs / "kept").exists()


def test_uv_is_pinned_with_its_hashes() -> None:
    """One package, in the version that dev.txt has as well: nothing changes uv while it works."""
    pin = (ROOT / "requirements" / "uv.txt").read_text().splitlines()
    assert pin[0].startswith("uv==")
    assert pin[0] in (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    assert len(pin) > 1
    assert all(line.strip().startswith("--hash=sha256:") for line in pin[1:])


def test_what_run_needs_is_a_part_of_what_the_tests_need() -> None:
    """A .venv of dev.txt serves `run` as well."""
    local, dev = (
        {
            line.split()[0]
            for line in (ROOT / "requirements" / name).read_text().splitlines()
            if line[:1].isalnum()
        }
        for name in ("local.txt", "dev.txt")
    )
    assert local - dev == set()


@pytest.mark.parametrize("service", keys.SERVICES)
def test_static_files_are_gathered_again_when_those_of_the_chassis_change(service: str) -> None:
    """A shop that was started before would answer 500 on a page with a new style sheet."""
    watched = {file.relative_to(ROOT).as_posix() for file in prepare.static_files(service)}
    assert "chassis/static/chassis/problems.css" in watched
