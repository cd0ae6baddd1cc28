"""`doctor`: checks this machine before anything is installed, and says how to fix what is wrong.

    python3 -m deploy.local doctor --json     [{"name", "status", "detail", "fix"}, ...]

Exit code 1 when a check failed; a warning is no failure.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local import leftovers, ports, venv
from deploy.local.failures import Expected
from deploy.local.folder import ROOT, VENV, RunFolder
from deploy.local.servers import binaries
from deploy.local.stop import is_running
from deploy.local.terminal import paint, say

COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}
DISK_BYTES = 1 << 30
OPEN_FILES = 1024
LINUX_MACHINES = ("x86_64", "aarch64")
# The shell draws the same pages without a window's menus and bars, at half the CPU time.
BROWSERS = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
)


@dataclass(frozen=True)
class Result:
    """What a check found; `fix` is one command, or empty."""

    name: str
    status: str  # ok | warning | failed
    detail: str
    fix: str = ""


def python() -> Result:
    return Result("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def venv_module() -> Result:
    if importlib.util.find_spec("ensurepip") or venv.is_current("local"):
        return Result("venv module", "ok", "there")
    fix = f"sudo apt-get install -y python3.{sys.version_info.minor}-venv"
    return Result("venv module", "failed", "this Python comes without ensurepip", fix)


def packages() -> Result:
    for level in ("dev", "local"):
        if venv.is_current(level):
            return Result("Packages", "ok", f"requirements/{level}.txt is installed")
    return Result("Packages", "ok", "not installed yet; make run does it")


def machine() -> Result:
    """Whether the packages, PostgreSQL and Redis among them, exist for this machine."""
    is_glibc = platform.libc_ver()[0] == "glibc"
    name = f"{sys.platform} {platform.machine()}{'' if is_glibc else ' without glibc'}"
    is_linux = sys.platform == "linux" and is_glibc and platform.machine() in LINUX_MACHINES
    if is_linux or sys.platform == "darwin":
        return Result("Machine", "ok", name)
    return Result("Machine", "failed", f"no packages for {name}", venv.OTHER_MACHINE)


def writable() -> Result:
    folder = RunFolder.default().path
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if os.access(existing, os.W_OK):
        return Result("Folder", "ok", str(folder))
    fix = "RUN_FOLDER=$HOME/techcommerce-run make run"
    return Result("Folder", "failed", f"{existing} is read-only", fix)


def disk() -> Result:
    free = shutil.disk_usage(ROOT).free
    detail = f"{free / (1 << 30):.1f} GiB free"
    if free >= DISK_BYTES:
        return Result("Disk", "ok", detail)
    return Result("Disk", "failed", f"{detail}; 1 GiB is needed", "rm -rf ~/.cache/uv ~/.cache/pip")


def executable() -> Result:
    """A disk mounted noexec holds files, but runs none of them."""
    parent = VENV if VENV.exists() else ROOT
    try:
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            script = Path(folder) / "probe"
            script.write_text("#!/bin/sh\nexit 0\n")
            script.chmod(0o700)
            subprocess.run([script], check=True)
    except PermissionError:
        fix = "Clone the repository onto a disk that is not mounted noexec."
        return Result("Programs", "failed", f"{parent} is on a disk that runs no programs", fix)
    except OSError as error:
        return Result("Programs", "warning", f"not tried: {error.strerror}")
    return Result("Programs", "ok", "this disk runs programs")


def postgres() -> Result:
    found = list(binaries.installed())
    wanted = binaries.data_version(RunFolder.default().server_home)
    if wanted and found and wanted not in {each.major for each in found}:
        detail = f"the data is of PostgreSQL {wanted}; found {found[0].major}"
        return Result("PostgreSQL", "failed", detail, "make reset YES=1   (deletes the data)")
    if not found:
        return Result("PostgreSQL", "ok", "none >= 15 installed; a package brings it")
    origin = "a package" if found[0].is_embedded else str(found[0].folder)
    return Result("PostgreSQL", "ok", f"{found[0].major} from {origin}")


def redis() -> Result:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Result("Redis", "ok", found or "none installed; a package brings it")


def account() -> Result:
    if os.geteuid() != 0:
        return Result("Account", "ok", "an ordinary user")
    done = subprocess.run(["id", "-u", "nobody"], capture_output=True, check=False)
    if done.returncode == 0:
        return Result("Account", "ok", "root; PostgreSQL runs as nobody")
    fix = "useradd --system nobody"
    return Result("Account", "failed", "root, and no account nobody for PostgreSQL", fix)


def free_ports() -> Result:
    taken = [name for name, port in ports.USUAL.items() if not ports.is_free(port)]
    if not taken or is_running(RunFolder.default()):
        return Result("Ports", "ok", "the usual ones are free or the shop's own")
    numbers = ", ".join(f"{ports.USUAL[name]} ({name})" for name in taken)
    return Result("Ports", "warning", f"taken: {numbers}; others will be used")


def loopback() -> Result:
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo("localhost", 80)}
    except OSError:
        found = set()
    if not ports.is_free(0):
        return Result("Loopback", "failed", "127.0.0.1 is down", "sudo ip link set lo up")
    if ports.HOST in found:
        return Result("Loopback", "ok", "localhost is 127.0.0.1")
    detail = "localhost is not 127.0.0.1 here: open the shop at 127.0.0.1"
    return Result("Loopback", "warning", detail)


def left() -> Result:
    folder = RunFolder.default()
    names = leftovers.find(folder)
    if not names:
        return Result("Processes", "ok", "nothing of the shop runs")
    if is_running(folder):
        return Result("Processes", "ok", f"the shop runs: {', '.join(names)}")
    return Result("Processes", "warning", f"left by a killed run: {', '.join(names)}", "make stop")


def open_files() -> Result:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit >= OPEN_FILES or limit == resource.RLIM_INFINITY:
        return Result("Open files", "ok", f"up to {limit}")
    return Result("Open files", "warning", f"only {limit} a process", f"ulimit -n {OPEN_FILES}")


def index() -> Result:
    """Whether the package index, or the proxy towards it, accepts connections."""
    if venv.is_current("local"):
        return Result("Package index", "ok", "not needed: everything is installed")
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or ""
    target = urlsplit(proxy or os.environ.get("PIP_INDEX_URL") or "https://pypi.org")
    name = f"{'proxy ' if proxy else ''}{target.hostname}"
    try:
        port = target.port or (443 if target.scheme == "https" else 80)
        socket.create_connection((target.hostname or "", port), timeout=3).close()
    except OSError as error:
        fix = "export HTTPS_PROXY=http://your-proxy:3128"
        return Result("Package index", "warning", f"{name} cannot be reached: {error}", fix)
    return Result("Package index", "ok", f"{name} can be reached")


def browser() -> Result:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Result("Browser", "ok", f"{found} for the browser tests")
    detail = "no Chromium: make test skips the browser tests"
    return Result("Browser", "warning", detail, "sudo apt-get install -y chromium-headless-shell")


PREREQUISITES = (machine, venv_module, writable, disk, executable, account, loopback)
OTHERS = (packages, postgres, redis, free_ports, left, open_files, index, browser)
CHECKS = (python, *PREREQUISITES, *OTHERS)


def main(arguments: list[str]) -> int:
    """Run every check and report."""
    results = [check() for check in CHECKS]
    if "--json" in arguments:
        say(json.dumps([asdict(result) for result in results], indent=1))
    else:
        for each in results:
            status = paint(each.status.ljust(8), COLOURS[each.status])
            say(f"  {status} {each.name.ljust(18)} {each.detail}")
            if each.fix:
                say(f"{' ' * 30}Fix: {each.fix}")
    return int(any(result.status == "failed" for result in results))


def require_prerequisites() -> None:
    """Raise Expected for the first thing that this machine lacks before anything can be done."""
    for check in PREREQUISITES:
        result = check()
        if result.status == "failed":
            raise Expected(
                f"{result.name}: {result.detail}.",
                why="The shop cannot be installed or started without it.",
                fix=result.fix,
            )
