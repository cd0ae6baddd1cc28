"""The table of the shop's processes: what runs, on which port, and how it counts as ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.local.folder import VENV_PYTHON, RunFolder
from deploy.local.program import Program
from deploy.local.readiness import answers_http, every

# Stages of stopping: the shop's face first, what others lean on last; 0 are the servers.
OUTER, WORK, INNER = 3, 2, 1
GUNICORN = ("gunicorn", "-c", "python:chassis.gunicorn")
WORKER = (
    *("celery", "-A", "order_service.celery", "--quiet"),
    *("worker", "-Q", "orders,notifications,owner"),
    *("-c", "2", "--without-gossip", "--without-mingle", "-n", "order-worker@%h"),
)
# Nobody waits at a page for what it does, so one child is enough.
CATALOGUE_WORKER = (
    *("celery", "-A", "product_service.celery", "--quiet"),
    *("worker", "-Q", "catalogue"),
    *("-c", "1", "--without-gossip", "--without-mingle", "-n", "product-worker@%h"),
)
# Celery warns at each start by root; here, on one machine, root is welcome. All have the same, for
# Python reads it when it starts, and copies do not start.
AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}


@dataclass(frozen=True)
class Process:
    """One row of the table."""

    name: str
    command: tuple[str, ...]  # Python's arguments
    service: str = ""  # whose code and metrics it has; "" for the neighbours
    stage: int = WORK
    pages: tuple[tuple[str, str], ...] = ()  # (process, path): answered before it counts as ready
    variables: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)  # unless the user says otherwise
    files: Mapping[str, str] = field(default_factory=dict)  # variables: places in the run folder
    stop_seconds: float = 10.0


def _web(name: str, stage: int, threads: int, pages: tuple[tuple[str, str], ...] = ()) -> Process:
    """A service under gunicorn; threads pay where a view waits for another service.

    Then one worker does: a second would be 20 MiB, and take no less CPU for a purchase.
    """
    return Process(
        name=name,
        command=("-m", *GUNICORN, f"{name}.wsgi"),
        service=name,
        stage=stage,
        pages=((name, "/health/startup"), *pages),
        variables={"WEB_THREADS": str(threads)},
        defaults={"WEB_WORKERS": "1" if threads > 1 else "2"},
        stop_seconds=28.0,  # gunicorn itself lets requests end for 25 s
    )


def _loop(name: str, service: str, command: str, stop_seconds: float = 10.0) -> Process:
    """A management command that goes on."""
    return Process(name, ("manage.py", service, command), service, stop_seconds=stop_seconds)


def _neighbour(name: str, module: str, files: Mapping[str, str]) -> Process:
    """A stand-in for what a live shop rents: a payment provider, a mail server."""
    return Process(name, ("-m", module), stage=INNER, pages=((name, "/health"),), files=files)


# The shop is open when its home page shows goods, not when its process runs.
HOME = (("product_service", "/health/startup"), ("storefront", "/"))
WEB = (
    _web("product_service", INNER, threads=1),
    _web("order_service", WORK, threads=8),
    _web("storefront", OUTER, threads=8, pages=HOME),
)
# A worker stops when its tasks have ended: a mail may take 50 s, the way out 3. Without Redis the
# dispatcher sends mails.
PROCESSES = (
    *WEB,
    Process("order-worker", ("-m", *WORKER), "order_service", stop_seconds=55.0),
    _loop("order-dispatcher", "order_service", "dispatch", stop_seconds=55.0),
    Process("product-worker", ("-m", *CATALOGUE_WORKER), "product_service", stop_seconds=35.0),
    _loop("product-sweep", "product_service", "sweep"),
    _loop("storefront-sweep", "storefront", "sweep"),
    _neighbour("sandbox", "sandbox", {"SANDBOX_LEDGER": "sandbox.sqlite3"}),
    _neighbour("mailbox", "deploy.local.mailbox", {"MAIL_FOLDER": "mail"}),
)


def programs(
    environment: Mapping[str, str], ports: Mapping[str, int], folder: RunFolder
) -> list[Program]:
    """Everything but PostgreSQL and Redis."""
    return [
        Program(
            name=each.name,
            argv=(str(VENV_PYTHON), *each.command),
            environment={**AS_ROOT, **each.defaults, **environment, **_own(each, ports, folder)},
            is_ready=every(*(answers_http(ports[name], path) for name, path in each.pages)),
            stage=each.stage,
            stop_seconds=each.stop_seconds,
            may_be_copy=True,
        )
        for each in PROCESSES
    ]


def _own(process: Process, ports: Mapping[str, int], folder: RunFolder) -> dict[str, str]:
    """The variables of this process alone."""
    files = {name: str(folder.path / place) for name, place in process.files.items()}
    own = {**process.variables, **files}
    if process.name in ports:
        own["PORT"] = str(ports[process.name])
    if process.service:
        own["SERVICE"] = process.service
        own["METRICS_PORT"] = str(ports[f"{process.name}-metrics"])
        own["PROMETHEUS_MULTIPROC_DIR"] = str(folder.metrics(process.name))
    return own
