"""The table of the shop's processes: what runs, on which port, and how it counts as ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.folder import VENV_PYTHON, RunFolder
from deploy.local.program import Program
from deploy.local.readiness import answers_http, at_once, every

# Stages of stopping: the shop's face first, what others lean on last; 0 are the servers.
OUTER, WORK, INNER = 3, 2, 1
GUNICORN = ("gunicorn", "-c", "python:chassis.gunicorn")
WORKER = (
    *("celery", "-A", "order_service.celery", "--quiet", "worker", "-Q", "orders,notifications"),
    *("-c", "2", "--without-gossip", "--without-mingle", "-n", "order-worker@%h"),
)
# Celery warns at each start by root; here, on one machine, root is welcome.
AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}


@dataclass(frozen=True)
class Web:
    """A service under gunicorn; threads pay where a view waits for another service."""

    service: str
    stage: int
    threads: int
    pages: tuple[tuple[str, str], ...] = ()  # (service, path) that must be answered as well

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        return ((self.service, "/health/startup"), *self.pages)


# The shop is open when its home page shows goods, not when its process runs.
HOME = (("product_service", "/health/startup"), ("storefront", "/"))
WEB = (
    Web("product_service", INNER, threads=1),
    Web("order_service", WORK, threads=8),
    Web("storefront", OUTER, threads=8, pages=HOME),
)


def programs(
    environment: Mapping[str, str], ports: Mapping[str, int], folder: RunFolder
) -> list[Program]:
    """Everything but PostgreSQL and Redis."""
    return [
        *(_web(each, environment, ports, folder) for each in WEB),
        *_workers(environment, ports, folder),
        *_neighbours(environment, ports, folder),
    ]


def _web(
    web: Web, environment: Mapping[str, str], ports: Mapping[str, int], folder: RunFolder
) -> Program:
    own = metered(web.service, web.service, ports, folder) | {"PORT": ports[web.service]}
    own |= {"WEB_WORKERS": environment.get("WEB_WORKERS", "2"), "WEB_THREADS": web.threads}
    return Program(
        name=web.service,
        argv=_python(*GUNICORN, f"{web.service}.wsgi"),
        environment=_with(environment, **own),
        is_ready=every(*(answers_http(ports[name], path) for name, path in web.questions)),
        stage=web.stage,
        stop_seconds=28.0,  # gunicorn itself lets requests end for 25 s
    )


def _workers(
    environment: Mapping[str, str], ports: Mapping[str, int], folder: RunFolder
) -> tuple[Program, ...]:
    worker = metered("order-worker", "order_service", ports, folder)
    dispatcher = metered("order-dispatcher", "order_service", ports, folder)
    sweeps = {"product-sweep": "product_service", "storefront-sweep": "storefront"}
    return (
        Program(
            name="order-worker",
            argv=_python(*WORKER),
            environment=_with(environment, **worker, **AS_ROOT),
            is_ready=at_once,
            stage=WORK,
            stop_seconds=55.0,  # a warm stop: a mail may take 50 s, the way out 3
        ),
        Program(
            name="order-dispatcher",
            argv=_manage("order_service", "dispatch"),
            environment=_with(environment, **dispatcher),
            is_ready=at_once,
            stage=WORK,
            stop_seconds=55.0,  # without Redis it sends the mails
        ),
        *(
            Program(
                name=name,
                argv=_manage(service, "sweep"),
                environment=_with(environment, **metered(name, service, ports, folder)),
                is_ready=at_once,
                stage=WORK,
            )
            for name, service in sweeps.items()
        ),
    )


def _neighbours(
    environment: Mapping[str, str], ports: Mapping[str, int], folder: RunFolder
) -> tuple[Program, ...]:
    """What a live shop rents: a payment provider and a mail server."""
    payment, mail = ports["sandbox"], ports["mailbox"]
    return (
        Program(
            name="sandbox",
            argv=_python("sandbox"),
            environment=_with(
                environment, PORT=payment, SANDBOX_LEDGER=folder.path / "sandbox.sqlite3"
            ),
            is_ready=answers_http(payment, "/health"),
            stage=INNER,
        ),
        Program(
            name="mailbox",
            argv=_python("deploy.local.mailbox"),
            environment=_with(environment, PORT=mail, MAIL_FOLDER=folder.mail),
            is_ready=answers_http(mail, "/health"),
            stage=INNER,
        ),
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (str(VENV_PYTHON), "-m", module, *arguments)


def _manage(service: str, command: str) -> tuple[str, ...]:
    return (str(VENV_PYTHON), "manage.py", service, command)


def metered(
    name: str, service: str, ports: Mapping[str, int], folder: RunFolder
) -> dict[str, object]:
    """The variables by which a process tells its metrics."""
    return {
        "SERVICE": service,
        "METRICS_PORT": ports[f"{name}-metrics"],
        "PROMETHEUS_MULTIPROC_DIR": folder.metrics(name),
    }


def _with(environment: Mapping[str, str], **more: object) -> Mapping[str, str]:
    return {**environment, **{name: str(value) for name, value in more.items()}}
