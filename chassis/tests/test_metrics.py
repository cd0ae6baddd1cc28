"""The metrics of a real server stay true while its workers die, and of few series."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily

from chassis import process
from chassis.breaker import FAILURES_TO_OPEN, Breaker
from chassis.loop import run_loop
from chassis.metrics import progress, server
from chassis.metrics.figures import Figure, Figures
from chassis.metrics.progress import Progress
from chassis.tests.metrics_server import Server, get, scrape, total, wait_for

ANSWERS = "django_http_responses_total_by_status_view_method_total"
LATENCY = "django_http_requests_latency_seconds_by_view_method"
ECHO = "chassis.tests.urls.echo"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("gunicorn"))
    yield server
    server.stop()


def test_counts_are_exact_through_kills_and_files_few(web: Server) -> None:
    before = web.total(ANSWERS, view=ECHO, status="200")
    answered = 0
    for _ in range(4):
        for worker in web.workers():
            answered += sum(web.ask("/echo/") == 200 for _ in range(10))
            web.kill_a_worker(worker)
    assert answered == 80
    samples = web.scrape()
    assert total(samples, ANSWERS, view=ECHO, status="200") - before == 80
    assert total(samples, f"{LATENCY}_count", view=ECHO) == total(samples, ANSWERS, view=ECHO)
    slots = {file.stem.rpartition("_")[2] for file in web.folder.glob("*.db")}
    assert slots == {"main", "0", "1"}


def test_a_reload_keeps_the_counts(web: Server) -> None:
    assert web.ask("/echo/") == 200
    before, old = web.total(ANSWERS, view=ECHO), set(web.workers())
    os.kill(web.process.pid, signal.SIGHUP)
    wait_for(lambda: len(web.workers()) == 2 and not old & set(web.workers()))
    assert web.ask("/echo/") == 200
    assert web.total(ANSWERS, view=ECHO) == before + 1
    slots = {file.stem.rpartition("_")[2] for file in web.folder.glob("*.db")}
    assert slots <= {"main", "0", "1", "2", "3"}  # the old two lived beside the new two


def test_invented_methods_and_paths_make_no_series(web: Server) -> None:
    for method in ("GET", "MADE-UP"):
        web.ask("/nowhere", method)
    before = set(web.scrape())
    for number in range(40):
        web.ask(f"/nowhere/{number}", f"METHOD{number}")
    samples = web.scrape()
    assert set(samples) == before
    assert total(samples, ANSWERS, view="<unnamed view>", method="<invalid method>") == 41


def test_what_a_killed_worker_was_doing_is_no_longer_in_progress(web: Server) -> None:
    waiting = threading.Thread(target=web.ask, args=("/slow/",))
    waiting.start()
    wait_for(lambda: web.total("techcommerce_http_inprogress") == 1)
    for worker in web.workers():
        web.kill_a_worker(worker)
    waiting.join()
    assert web.total("techcommerce_http_inprogress") == 0
    assert web.total(f"{LATENCY}_count", view="chassis.tests.urls.slow") == 0
    assert "was sent SIGKILL" in web.said()  # gunicorn's own lines have their form
    assert "Logging error" not in web.said()


def test_probes_are_counted_nowhere_and_a_bug_is_observed_once(web: Server) -> None:
    before = web.scrape()
    assert [web.ask("/health/live"), web.ask("/bug/"), web.ask("/echo/")] == [200, 500, 200]
    after = web.scrape()

    def more(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    assert more(ANSWERS) == more(f"{LATENCY}_count") == 2
    assert more(ANSWERS, status="500") == 1
    assert more(f"{LATENCY}_count", view="chassis.tests.urls.bug") == 1
    assert more("django_http_exceptions_total_by_type_total", type="ZeroDivisionError") == 1


def test_the_port_tells_what_runs_and_how_much_it_can_do(web: Server) -> None:
    samples = web.scrape()
    assert samples["techcommerce_http_capacity",] == 2
    build = ("revision=abc", "service=chassis", "version=development")
    assert samples["techcommerce_build_info", *build] == 1
    assert get(web.metrics_port, "/health/live") == (200, "ok\n")
    assert get(web.metrics_port, "/anything")[0] == 404
    assert web.ask("/metrics") == 404  # not on the public port


@pytest.mark.parametrize("path", ["/metrics", "/health/live", "/anything"])
def test_the_port_answers_to_no_name_of_a_stranger(web: Server, path: str) -> None:
    assert get(web.metrics_port, path, Host="evil.example")[0] == 421
    assert get(web.metrics_port, path, Host="storefront-metrics:9100")[0] != 421


def test_no_worker_holds_the_port_of_its_master(web: Server) -> None:
    """It would still hold it when the master is dead, and the next one could not listen."""
    both = [web.process.pid, *web.workers()]
    wait_for(lambda: [pid for pid in both if web.metrics_socket() in sockets(pid)] == both[:1])


def sockets(pid: int) -> set[str]:
    """The open sockets of a process, each as socket:[inode]."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(link.readlink()))
    return found


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    monkeypatch.setattr(process, "METRICS_PORT", number)
    return number


def test_figures_whose_source_is_away_are_absent_and_the_others_stay(port: int) -> None:
    depth, lag = Figure("test_depth", "Depth."), Figure("test_lag", "Lag.", ("topic",))
    is_away = [False]

    def read_lag() -> list[GaugeMetricFamily]:
        if is_away[0]:
            raise DatabaseError("away")
        return [lag.of({("orders",): 3})]

    started = server.serve(Figures(lambda: [depth.of({(): 1})]), Figures(read_lag))
    assert started is not None
    try:
        assert scrape(port)["test_lag", "topic=orders"] == 3
        is_away[0] = True
        samples = scrape(port)
    finally:
        started.shutdown()
        started.server_close()
    assert samples["test_depth",] == 1
    assert total(samples, "test_lag") == 0
    assert not [key for key in samples if key[0] == "test_lag"]


def test_figures_are_looked_up_as_seldom_as_asked() -> None:
    looks = Counter[str]()

    def look(name: str) -> list[GaugeMetricFamily]:
        looks[name] += 1
        return []

    seldom = Figures(lambda: look("seldom"), seconds=60)
    always = Figures(lambda: look("always"))
    for _ in range(3):
        seldom.collect()
        always.collect()
    assert looks == {"seldom": 1, "always": 3}


def test_progress_names_what_is_overdue_unless_something_else_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "LONGEST_SECONDS", 0.2)
    is_excused = [True]
    alive = Progress("turn", "task", is_excused=lambda: is_excused[0])
    assert alive.complaint() is None
    time.sleep(0.25)
    assert alive.complaint() is None  # excused, and what is excused gets its time again
    is_excused[0] = False
    assert alive.complaint() is None
    time.sleep(0.25)
    alive.note("turn")
    assert alive.complaint() == "not for 0.2 s: task"


def test_clients_that_say_nothing_or_half_hold_up_no_probe(web: Server) -> None:
    port = web.metrics_port
    with ExitStack() as stack:
        for number in range(100):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(b"GET /health/live" if number % 2 else b"")
        began = time.monotonic()
        assert [get(port, "/health/live")[0] for _ in range(5)] == [200] * 5
        assert time.monotonic() - began < 5.0  # what a probe waits


@pytest.mark.django_db(transaction=True)
def test_a_loop_that_hangs_calls_itself_unhealthy(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LONGEST_SECONDS", 0.3)
    seen: list[tuple[int, str]] = []

    def turn() -> None:
        seen.append(get(port, "/health/live"))
        wait_for(lambda: get(port, "/health/live")[0] == 503)
        seen.append(get(port, "/health/live"))
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        run_loop("test", turn, interval_seconds=0.01)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert seen == [(200, "ok\n"), (503, "not for 0.3 s: turn\n")]


@pytest.mark.django_db
def test_the_database_and_the_cache_are_counted() -> None:
    def value(name: str) -> float:
        return sum(
            sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
            if sample.name == name
        )

    names = ("django_db_execute_total", "django_cache_get_total", "django_cache_get_hits_total")
    before = [value(name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.delete("counted")
    assert cache.get("counted", "nothing") == "nothing"
    cache.set("counted", None)
    assert cache.get("counted", "nothing") is None
    assert [value(name) - was for name, was in zip(names, before, strict=True)] == [1, 2, 1]


def test_the_breaker_tells_that_it_is_open() -> None:
    breaker = Breaker("test_upstream")

    def gauge() -> float | None:
        labels = {"upstream": "test_upstream"}
        return REGISTRY.get_sample_value("techcommerce_upstream_circuit_open", labels)

    assert gauge() == 0
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed()
    assert gauge() == 1
    breaker.succeeded()
    assert gauge() == 0


@pytest.mark.parametrize("path", ["/echo/", "/nowhere"])
def test_the_test_client_is_counted_as_well(path: str) -> None:
    view = ECHO if path == "/echo/" else "<unnamed view>"
    labels = {"status": "200" if path == "/echo/" else "404", "view": view, "method": "GET"}
    before = REGISTRY.get_sample_value(ANSWERS, labels) or 0
    Client().get(path)
    assert REGISTRY.get_sample_value(ANSWERS, labels) == before + 1
