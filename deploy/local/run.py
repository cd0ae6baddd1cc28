"""`run`: from a checked-out repository to a shop that answers, and back to nothing."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from deploy.local import environment as variables
from deploy.local import (
    inherited,
    keys,
    leftovers,
    monitoring,
    placeholders,
    ports,
    prepare,
    ready,
    settings,
    shop,
)
from deploy.local.failures import Expected
from deploy.local.folder import PRIVATE, RunFolder
from deploy.local.follow import follow
from deploy.local.program import Program, identity
from deploy.local.servers import archive, binaries, databases, redis
from deploy.local.servers.postgres import PostgresServer
from deploy.local.supervisor import Stopped, Supervisor
from deploy.local.terminal import bold, paint, say, step
from deploy.local.venv import BEGAN

OF_ONE_PROCESS = ("PORT", "SERVICE", "METRICS_PORT", "PROMETHEUS_MULTIPROC_DIR")


def run(arguments: list[str]) -> int:
    """Start the shop and watch over it until Ctrl-C or `make stop`."""
    os.umask(PRIVATE)
    inherited.take_signals()
    if len(variables.lacking_databases(keys.given())) == len(keys.SERVICES):
        inherited.forget_databases()
    folder = RunFolder.default().create()
    with holding_lock(folder):
        if ended := leftovers.end(folder):
            say(paint(f"  Ended what an earlier run left: {', '.join(ended)}", "yellow"))
        for log in folder.logs.glob("*.log"):
            log.replace(log.with_suffix(".old"))
        return asyncio.run(_run(folder))


@contextmanager
def holding_lock(folder: RunFolder) -> Iterator[None]:
    """One supervisor a folder; the kernel drops the lock of one that was killed."""
    with folder.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Expected(
                "The shop is already running.",
                why=f"Another supervisor holds {folder.lock}.",
                fix="make stop",
            ) from None
        folder.write("supervisor", identity(os.getpid()))
        yield


async def _run(folder: RunFolder) -> int:
    supervisor = Supervisor(folder, lambda text: say(paint(text, "red")))
    supervisor.listen_to_signals()
    try:
        chosen = ports.choose(folder)
        environment = await _start(supervisor, folder, chosen)
        ready.show(environment, chosen, folder)
        seconds = time.time() - float(os.environ[BEGAN])
        say(f"  {bold('Ready')} after {seconds:.1f} s.\n")
        showing = asyncio.create_task(follow(folder.logs, supervisor.names()))
        await supervisor.until_stopped()
        showing.cancel()
    except Stopped:
        pass
    finally:
        say(paint("\n  Stopping (Ctrl-C again: at once) ...", "grey"))
        await supervisor.stop_all()
        say("  Stopped.")
    return 0


async def _start(
    supervisor: Supervisor, folder: RunFolder, chosen: Mapping[str, int]
) -> dict[str, str]:
    """Start everything; the environment of the processes plus what the table shows."""
    given = keys.given()
    watchers = monitoring.find() if monitoring.is_wanted(given) else None
    settings.check(_without_own(placeholders.environment() | given))
    _refuse_data_without_password(folder)
    secrets = keys.kept(folder.secrets)
    own, clusters = await _start_servers(supervisor, folder, chosen, secrets, given)
    environment = {**variables.shared(secrets), **variables.addresses(chosen), **own, **given}
    environment = _without_own(environment)
    password = given.get("ADMIN_PASSWORD") or secrets["ADMIN_PASSWORD"]
    chains = prepare.works(clusters, password)
    await supervisor.unless_stopped(prepare.finish(chains, environment, folder))
    folder.write("environment", environment)
    monitoring.write_targets(chosen, folder)
    with step("Starting the services"):
        # What serves has no way to the owners of the tables.
        serving = {key: each for key, each in environment.items() if "_OWNER_DATABASE_" not in key}
        await supervisor.start(shop.programs(serving, chosen, folder))
    if watchers:
        with step("Starting Prometheus and Alertmanager"):
            await supervisor.start(monitoring.programs(watchers, chosen, folder))
    return {**environment, "ADMIN_PASSWORD": password}


def _without_own(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what each process is given for itself."""
    own = {*OF_ONE_PROCESS, "DJANGO_SETTINGS_MODULE", BEGAN}
    return {name: value for name, value in environment.items() if name not in own}


def _refuse_data_without_password(folder: RunFolder) -> None:
    data = folder.server_home / "postgres"
    is_there = (data / "PG_VERSION").exists()
    if is_there and "POSTGRES_PASSWORD" not in keys.read_variables(folder.secrets):
        raise Expected(
            f"{data} belongs to a shop whose passwords are gone.",
            why=f"{folder.secrets} was deleted, and the database was not.",
            fix="make reset YES=1   (deletes the data)",
        )


async def _start_servers(
    supervisor: Supervisor,
    folder: RunFolder,
    chosen: Mapping[str, int],
    secrets: Mapping[str, str],
    given: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, str]]:
    """Start the servers that the user does not bring.

    Returns their variables, and by service a name of the cluster whose content is ours alone.
    """
    programs: list[Program] = []
    postgres, cluster = None, ""
    if lacking := variables.lacking_databases(given):
        postgres = PostgresServer(
            folder.server_home,
            chosen["postgres"],
            secrets["POSTGRES_PASSWORD"],
            binaries.choose(folder.server_home),
            backups=archive.folder(given),
        )
        with step(f"Database cluster of {postgres.binaries.name}"):
            cluster = folder.cluster(is_new=postgres.initialise())
        programs.append(postgres.program())
    own: dict[str, str] = {}
    if not given.get("REDIS_URL"):
        server = redis.RedisServer(
            folder.path, chosen["redis"], secrets["REDIS_PASSWORD"], redis.find()
        )
        own |= {"REDIS_URL": server.url(0), "CACHE_URL": server.url(1)}
        programs.append(server.program())
    if programs:
        with step(f"Starting {' and '.join(each.name for each in programs)}"):
            await supervisor.start(programs)
    if postgres is None:
        return own, {}
    databases.ensure(postgres, lacking, secrets)
    own |= databases.urls(postgres, lacking, secrets)
    own |= databases.urls(postgres, lacking, secrets, as_owner=True)
    return own, dict.fromkeys(lacking, cluster)
