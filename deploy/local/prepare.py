"""One-shot work before the shop starts: migrations, static files, demo shop, admin accounts.

Each service's chain runs beside the others', and what an earlier start finished is skipped.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.folder import ROOT, VENV_PYTHON, RunFolder
from deploy.local.keys import SERVICES
from deploy.local.program import failure
from deploy.local.supervisor import all_of
from deploy.local.terminal import step

ADMIN = "admin"
STATIC = RunFolder(ROOT / "staticfiles")  # every shop of this repository serves the same


@dataclass(frozen=True)
class Work:
    """A management command and the fingerprint of everything it depends on."""

    service: str
    command: tuple[str, ...]
    fingerprint: str | None  # None: run it at every start
    result: Path = ROOT  # must be there, too, to count as done
    marked_in: RunFolder | None = None  # where its mark is, if not in the folder of the shop

    @property
    def name(self) -> str:
        return f"{self.service} {self.command[0]}"


def works(clusters: Mapping[str, str], password: str) -> list[list[Work]]:
    """Chains of work; `clusters` names the database of a service whose content we own.

    A database that the user brings may have been emptied meanwhile, so nothing is skipped for it.
    """
    return [
        *([static(service)] for service in SERVICES),
        *(_data(service, clusters.get(service), password) for service in SERVICES),
    ]


def static(service: str) -> Work:
    """Gather the static files of a service."""
    target = STATIC.path / service / "staticfiles.json"
    mark = fingerprint(files=static_files(service))
    command = ("collectstatic", "--noinput", "--verbosity=0")
    return Work(service, command, mark, target, marked_in=STATIC)


def static_files(service: str) -> list[Path]:
    """What collectstatic gathers: the files of the service and the chassis, and the packages' by
    their lock."""
    found = (file for name in (service, "chassis") for file in (ROOT / name).glob("**/static/**/*"))
    return [*(file for file in found if file.is_file()), ROOT / "requirements" / "runtime.txt"]


def fingerprint(*parts: str, files: Iterable[Path] = ()) -> str:
    """Of texts and of the names and contents of files: what is done again when it changes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    for file in sorted(files):
        digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _data(service: str, cluster: str | None, password: str) -> list[Work]:
    found = ("**/migrations/*.py", "**/roles.py")  # `migrate` settles the roles of staff, too
    files = (file for each in found for file in (ROOT / service).glob(each))
    base = fingerprint(cluster, files=files) if cluster else None
    chain = [Work(service, ("migrate", "--noinput", "--verbosity=1"), base)]
    if service == "product_service":
        demo = (ROOT / service / "demo").glob("**/*")
        goods = (each for each in demo if each.is_file() and each.suffix != ".pyc")
        seeded = cluster and fingerprint(cluster, files=goods)
        chain.append(Work(service, ("seed_demo",), seeded or None))
    if service != "storefront":  # which has no back office
        staff = ("ensure_staff", "--username", ADMIN, "--password", password)
        chain.append(Work(service, staff, cluster and fingerprint(cluster, password)))
    return chain


async def finish(
    chains: list[list[Work]], environment: Mapping[str, str], folder: RunFolder
) -> None:
    """Run what is not done; raises Expected with the last lines of what failed."""
    left = [[work for work in chain if not _is_done(work, folder)] for chain in chains]
    if not any(left):
        return
    names = sorted({work.command[0].replace("_", " ") for chain in left for work in chain})
    with step(f"Preparing the shop ({', '.join(names)})"):
        await all_of(_chain(chain, environment, folder) for chain in left)


def _is_done(work: Work, folder: RunFolder) -> bool:
    if work.fingerprint is None or not work.result.exists():
        return False
    return (work.marked_in or folder).is_done(work.name, work.fingerprint)


async def _chain(chain: list[Work], environment: Mapping[str, str], folder: RunFolder) -> None:
    for work in chain:
        async with _alone(work):
            if _is_done(work, folder):  # by another shop, meanwhile
                continue
            await _run(work, environment, folder)
            if work.fingerprint is not None:
                (work.marked_in or folder).mark_done(work.name, work.fingerprint)


@asynccontextmanager
async def _alone(work: Work) -> AsyncIterator[None]:
    """What all shops of this repository share is made by one of them at a time."""
    if work.marked_in is None:
        yield
        return
    work.marked_in.path.mkdir(parents=True, exist_ok=True)
    with (work.marked_in.path / f"{work.service}.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


async def _run(work: Work, environment: Mapping[str, str], folder: RunFolder) -> None:
    log = folder.logs / f"{work.service}-{work.command[0]}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(str(VENV_PYTHON), "manage.py", work.service, *work.command),
            env={**environment, "STATEMENT_SECONDS": "0"},
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
    if code != 0:
        what = f"{work.service}: {work.command[0]} failed (code {code})."
        start_over = "make reset YES=1 && make run   (starts over with empty databases)"
        raise failure(what, log, start_over)
