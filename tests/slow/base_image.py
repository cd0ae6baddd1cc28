"""A stand-in for the image python:slim, made of the packages that this machine has installed.

No registry of images can be reached from everywhere that these tests run, and a fresh Debian by
debootstrap takes minutes of a slow mirror. What the Dockerfile needs of its base is a Python with
pip, a shell and useradd: those packages, with all that they depend on, are copied as dpkg lists
them. The Dockerfile, the wheels and the shop's code are the real ones.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("base-files", "bash", "coreutils", "passwd", "python3", "sed", "grep", "findutils")
PIP = Path("usr/local/lib/python{}.{}/dist-packages/pip".format(*sys.version_info))
CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
ACCOUNTS = {
    "passwd": "root:x:0:0:root:/root:/bin/bash\n",
    "group": "root:x:0:\n",
    "shadow": "root:*:20000:0:99999:7:::\n",
    "gshadow": "root:*::\n",
}
MERGED = ("bin", "sbin", "lib", "lib64")
NAME = "localhost/python:stand-in"
STATUS = (
    "dpkg-query",
    "--show",
    "--showformat",
    "${Package}\t${Pre-Depends}, ${Depends}\t${Provides}\n",
)


def make(buildah: list[str], folder: Path, pip: Path) -> str:
    """The name of the image in the storage of the command; `pip` is the folder of the package."""
    root = folder / "root"
    _copy(_closure(), root)
    shutil.copytree(pip, root / PIP)
    _link_python(root)
    for name, text in ACCOUNTS.items():
        (root / "etc" / name).write_text(text)
    shutil.copy2("/etc/login.defs", root / "etc" / "login.defs")
    if (Path("/") / CERTIFICATES).exists():
        (root / CERTIFICATES).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path("/") / CERTIFICATES, root / CERTIFICATES)
    container = subprocess.check_output([*buildah, "from", "scratch"], text=True).strip()
    settings = ["--env", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]
    settings += ["--env", f"PIP_CERT=/{CERTIFICATES}"]
    for command in (
        ("add", "--quiet", container, str(root), "/"),
        ("config", *settings, container),
        ("commit", "--quiet", "--rm", container, NAME),
    ):
        subprocess.run([*buildah, *command], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return NAME


def _closure() -> set[str]:
    """The packages and all that they depend on, of what is installed."""
    needs: dict[str, list[str]] = {}
    provided: dict[str, str] = {}
    for line in subprocess.check_output(STATUS, text=True).splitlines():
        name, depends, provides = line.split("\t")
        needs[name] = [_name(each) for part in depends.split(",") for each in part.split("|")]
        provided |= {_name(each): name for each in provides.split(",") if each.strip()}
    found: set[str] = set()
    waiting = list(PACKAGES)
    while waiting:
        name = waiting.pop()
        name = name if name in needs else provided.get(name, "")
        if name and name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def _name(dependency: str) -> str:
    return re.split(r"[\s:(]", dependency.strip())[0]


def _copy(packages: set[str], root: Path) -> None:
    for name in MERGED:  # links on this machine that no package owns
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("etc", "tmp", "run", "var", "dev", "proc", "sys"):
        (root / name).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    listed = subprocess.check_output(["dpkg", "--listfiles", *sorted(packages)], text=True)
    files = {
        os.path.join(os.path.realpath(Path(each).parent), Path(each).name)  # noqa: PTH118
        for each in listed.splitlines()
        if each.startswith(("/usr/", *(f"/{name}/" for name in MERGED)))
    }
    wanted = [each for each in files if not _is_folder(each) and not _is_prose(each)]
    pack = ["tar", "-C", "/", "--null", "--files-from", "-", "--create", "--file", "-"]
    names = "\0".join(each.lstrip("/") for each in sorted(wanted) if os.path.lexists(each))
    packed = subprocess.run(pack, input=names.encode(), stdout=subprocess.PIPE, check=True)
    unpack = ["tar", "-C", str(root), "--extract", "--keep-directory-symlink"]
    subprocess.run(unpack, input=packed.stdout, check=True)


def _is_folder(path: str) -> bool:
    return Path(path).is_dir() and not Path(path).is_symlink()


def _is_prose(path: str) -> bool:
    return path.startswith(("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/"))


def _link_python(root: Path) -> None:
    folder = root / "usr" / "local" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("python", "python3"):
        (folder / name).symlink_to("/usr/bin/python3")
    if not os.path.lexists(root / "usr" / "bin" / "sh"):  # no package owns that one either
        (root / "usr" / "bin" / "sh").symlink_to("bash")
