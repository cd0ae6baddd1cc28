"""The metrics port: answers while every worker is busy, and nobody outside can reach it.

/metrics        what Prometheus reads
/health/live    200, or 503 and a line that says what has not happened for too long
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from chassis import process
from chassis.hosts import is_ours
from chassis.metrics import slots
from chassis.metrics.figures import Figure, Figures

BUILD = Figure(
    "techcommerce_build_info", "1; the labels say what runs.", ("service", "version", "revision")
)

RUNS = (process.SERVICE, process.VERSION, process.REVISION)

Complaint = Callable[[], str | None]


def serve(
    *collectors: Collector, is_prefork: bool = False, complaint: Complaint = lambda: None
) -> WSGIServer | None:
    """Listen on BIND:METRICS_PORT from a thread; None without METRICS_PORT.

    With `is_prefork` the metrics are those of all slots, otherwise those of this process.
    """
    if not process.METRICS_PORT:
        return None
    registry = CollectorRegistry()
    if is_prefork:
        MultiProcessCollector(registry, slots.FOLDER)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    for collector in (Figures(lambda: [BUILD.of({RUNS: 1})]), *collectors):
        registry.register(collector)
    application = _application(make_wsgi_app(registry), complaint)
    server = make_server(process.BIND, process.METRICS_PORT, application, _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class _Server(ThreadingWSGIServer):
    request_queue_size = 128  # with the usual 5 a burst of silent clients costs a probe seconds


class _Handler(WSGIRequestHandler):
    timeout = 5.0  # of a client that says nothing

    def log_message(self, *arguments: object) -> None:
        """Scrapes and probes are logged nowhere."""


def _application(metrics: WSGIApplication, complaint: Complaint) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not is_ours(environ.get("HTTP_HOST", "")):
            start_response("421 Misdirected Request", [("Content-Type", "text/plain")])
            return [b"Ask for the address of this process, not for a name of your own.\n"]
        if environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start_response)
        status, text = "404 Not Found", "/metrics or /health/live"
        if environ["PATH_INFO"] == "/health/live":
            trouble = complaint()
            status, text = ("503 Service Unavailable", trouble) if trouble else ("200 OK", "ok")
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{text}\n".encode()]

    return application
