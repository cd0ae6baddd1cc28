"""gunicorn's configuration file for every service: `gunicorn -c python:chassis.gunicorn ...`.

WEB_WORKERS processes of WEB_THREADS threads each, behind the front door (`chassis.front_door`).
More than one thread pays where a view waits for another service, and gives clients keep-alive.

The master answers the scrapes; each worker counts in the lowest slot that was free at its birth.
"""

from __future__ import annotations

import logging
import resource
from typing import Any
from wsgiref.simple_server import WSGIServer

from chassis import interpreter, logs, process
from chassis.metrics import slots
from chassis.metrics.figures import Figure, Figures
from chassis.metrics.server import serve

FILES = 4096  # a connection costs one, a large upload two
CAPACITY = Figure("techcommerce_http_capacity", "Requests that can be answered at once.")

interpreter.tune()
slots.lead()  # before the application declares a metric; SIGHUP does not import this module again
_metrics_server: WSGIServer | None = None

wsgi_app = f"{process.SERVICE or 'storefront'}.wsgi"  # the command line may name another
bind = f"{process.BIND}:{process.PORT}"
workers = process.WEB_WORKERS
worker_class = "chassis.front_door.FrontDoorWorker"
threads = process.WEB_THREADS
backlog = 512
timeout = 30
graceful_timeout = 25
# Longer than load balancers keep a connection idle (AWS and nginx 60 s), or they would send
# requests into closed ones; it costs no thread, and the oldest go when there are many. A kept one
# leads to one worker for good: where each answers one at a time, a request looks for a free one.
keepalive = process.KEEP_ALIVE_SECONDS if threads > 1 else 0
worker_connections = 1000
max_requests = 0  # a recycled worker refuses connections for a moment; memory is watched instead
preload_app = True  # one import instead of one a worker; nothing connects at import
control_socket_disable = True
worker_tmp_dir = process.WORKER_TMP_DIR or None
accesslog = None  # the application logs each request with its id
loglevel = "warning"
logging.getLogger("gunicorn.error").addFilter(logs.cut)  # it repeats a request line that is none
proc_name = process.SERVICE or "gunicorn"
# Who may set X-Forwarded-*: never everybody.
forwarded_allow_ips = ",".join(process.FORWARDED_ALLOW_IPS)


def on_starting(server: Any) -> None:
    """Allow FILES, if the system does: many a shell allows 1,024, that of macOS 256."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)  # macOS: never all
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def when_ready(server: Any) -> None:
    global _metrics_server
    interpreter.share()
    capacity = Figures(lambda: [CAPACITY.of({(): server.num_workers * server.cfg.threads})])
    _metrics_server = serve(capacity, is_prefork=True)


def pre_fork(server: Any, worker: Any) -> None:
    taken = {each.slot for each in server.WORKERS.values()}
    worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)


def post_fork(server: Any, worker: Any) -> None:
    slots.take(worker.slot)
    if _metrics_server is not None:
        _metrics_server.socket.close()  # or a worker would hold the port of a dead master


def child_exit(server: Any, worker: Any) -> None:
    slots.leave(worker.slot)
