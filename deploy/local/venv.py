"""The .venv, installed from hashed requirement files by uv, which is fetched when absent.

`run` needs requirements/local.txt and `test` requirements/dev.txt, which holds all of local.txt. A
mark inside .venv names the content that was installed, so an unchanged file costs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.failures import Expected
from deploy.local.folder import ROOT, VENV, VENV_PYTHON, RunFolder
from deploy.local.terminal import step

BEGAN = "TECHCOMMERCE_BEGAN"  # when the command began, in its first process
OTHER_MACHINE = "Use macOS, or a Linux with glibc on x86_64 or aarch64 (Debian, Ubuntu, Fedora)."
MARK = VENV / "installed.json"
REQUIREMENTS = ROOT / "requirements"
SYNC = ("pip", "sync", "--quiet", "--require-hashes")


def enter(level: str, arguments: list[str]) -> None:
    """Install what `level` (local or dev) needs and continue this command inside .venv."""
    os.environ.setdefault(BEGAN, str(time.time()))
    # Where this is set, every process of the shop and of the tests would compile all it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with _one_at_a_time():
        _ensure(level)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.chdir(ROOT)
        command = [str(VENV_PYTHON), "-m", "deploy.local", *arguments]
        os.execv(VENV_PYTHON, command)  # noqa: S606


def is_current(level: str) -> bool:
    return _mark().get(level) == _lock_hash(level) and os.access(VENV_PYTHON, os.X_OK)


def _ensure(level: str) -> None:
    if is_current(level):
        return
    if not os.access(VENV_PYTHON, os.X_OK) or _mark().get("path", str(VENV)) != str(VENV):
        with step(f"Creating .venv (Python {sys.version.split()[0]})"):
            _create()
    if (VENV / "bin" / "pytest").exists():
        level = "dev"  # never take the tools of a developer away
    with step(f"Installing requirements/{level}.txt"):
        _run([_uv(), *SYNC, "--python", str(VENV_PYTHON), str(REQUIREMENTS / f"{level}.txt")])
        # Every tool of .venv imports the repository from any folder: `pytest -p tests.servers`.
        for packages in VENV.glob("lib/python*/site-packages"):
            (packages / "techcommerce.pth").write_text(f"{ROOT}\n")
    levels = ("local", "dev") if level == "dev" else ("local",)
    MARK.write_text(json.dumps({"path": str(VENV)} | {each: _lock_hash(each) for each in levels}))


def _mark() -> dict[str, str]:
    try:
        content = json.loads(MARK.read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return dict(content)


def _lock_hash(level: str) -> str:
    """Of everything that decides what an installation leaves behind."""
    content = (REQUIREMENTS / f"{level}.txt").read_bytes()
    return hashlib.sha256(" ".join(SYNC).encode() + content).hexdigest()


def _create() -> None:
    if VENV.is_symlink():  # making it anew would empty the folder that it leads to
        raise Expected(
            f"{VENV} is a link to a .venv that does not suit this repository.",
            why="It was made elsewhere, and may be in use there.",
            fix=f"rm {VENV}",
        )
    try:
        venv.create(VENV, with_pip=True, clear=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Expected(
            f"Cannot create {VENV}.",
            why=str(error),
            fix="Clone the repository into a folder of your own on a disk that runs programs.",
        ) from error


def _uv() -> str:
    own = VENV / "bin" / "uv"
    if not own.exists():
        if not any(VENV.glob("lib/python*/site-packages/pip")) and (found := shutil.which("uv")):
            return found
        pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "--requirement", str(REQUIREMENTS / "uv.txt")])
    return str(own)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, env=_index_environment(), capture_output=True, text=True)
    if done.returncode == 0:
        return
    lines = (done.stderr or done.stdout).strip().splitlines()[-20:]
    if "no wheels with a matching" in done.stderr or "No matching distribution" in done.stderr:
        raise Expected(
            "A package has no wheel for this machine.",
            why=f"{sys.platform} on {os.uname().machine} is not built for by one of the packages.",
            fix=OTHER_MACHINE,
            lines=lines,
        )
    raise Expected(
        "Installing the Python packages failed.",
        why="The package index could not be reached or refused (a proxy, no network, a full disk).",
        fix="Set HTTPS_PROXY (or PIP_INDEX_URL of your mirror) and run the command again.",
        lines=lines,
    )


def _index_environment() -> dict[str, str]:
    """uv reads other variables than pip: one mirror or certificate setting serves both.

    Behind a company's proxy the machine's own authorities count, and not those that uv brings.
    """
    environment = dict(os.environ)
    if not os.access(Path("~").expanduser(), os.W_OK):
        environment |= {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
    for pip, uv in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
        if pip in environment:
            environment.setdefault(uv, environment[pip])
    places = ssl.get_default_verify_paths()
    if places.cafile or (places.capath and any(Path(places.capath).iterdir())):
        environment.setdefault("UV_SYSTEM_CERTS", "1")  # a bare Debian has no certificates
    return environment


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """`make run` and `make test` started together must not install over each other."""
    file = RunFolder.default().create().path / "venv.lock"
    file.touch(mode=0o600)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
