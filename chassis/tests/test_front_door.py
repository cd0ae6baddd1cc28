"""What each kind of connection gets from the front door, over real sockets."""

from __future__ import annotations

import asyncio
import random
import signal
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from chassis import front_door
from chassis.tests.metrics_server import Server, wait_for
from chassis.tests.talk import ask, tell

THREADS = (1, 8)
KIB = 1024
GET = b"GET /echo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: a-b-c-d-e-f\r\n"
LAST = b"Connection: close\r\n\r\n"
DROPPED = "techcommerce_http_connections_dropped_total"


def post(path: str, length: object, *fields: str, protocol: str = "HTTP/1.1") -> bytes:
    lines = [f"POST {path} {protocol}", "Host: 127.0.0.1", f"Content-Length: {length}", *fields]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


@pytest.fixture(scope="module", params=THREADS, ids=lambda each: f"{each} threads")
def web(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("gunicorn"), WEB_THREADS=request.param)
    yield server
    server.stop()


WHOLE = {
    "at once": (GET + LAST,),
    "a byte at a time": tuple(bytes([each]) for each in GET + LAST),
    "after an empty line": (b"\r\n", GET + LAST),
    "in HTTP/1.0": (b"GET /echo/ HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",),
    "with a body in pieces": (post("/echo/", 4), b"ab", b"cd"),
    "with a body that is late": (post("/echo/", 3)[:50], post("/echo/", 3)[50:], b"a", b"bc"),
    "with more than its body": (post("/echo/", 1), b"abc"),
    "expecting HTTP/1.0 to go on": (
        post("/echo/", 2, "Expect: 100-continue", protocol="HTTP/1.0"),
        b"ab",
    ),
    "expecting what is there": (post("/echo/", 2, "Expect: 100-continue") + b"ab",),
}


@pytest.mark.parametrize("how", WHOLE)
def test_a_request_is_answered_once_it_is_whole(web: Server, how: str) -> None:
    assert ask(web.port, *WHOLE[how]).statuses == [200]


def test_a_client_that_ends_its_side_gets_its_answer(web: Server) -> None:
    assert ask(web.port, GET + LAST, half_close=True).statuses == [200]


def test_requests_that_do_not_wait_for_each_other_are_answered_in_order(web: Server) -> None:
    first = b"GET /large/?bytes=3 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    told = ask(web.port, first * 40 + GET + LAST)
    keeps_alive = web.total("techcommerce_http_capacity") > len(web.workers())
    assert told.statuses == ([200] * 41 if keeps_alive else [200])


REFUSED = {
    "a body in chunks": (411, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"),
    "two lengths": (400, "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    "no number": (400, "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n"),
    "a power": (400, "POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n"),
    "less than nothing": (400, "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
    "length and chunks": (
        400,
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    "an unknown coding": (501, "POST / HTTP/1.1\r\nTransfer-Encoding: brotli\r\n\r\n"),
    "an address without end": (414, f"GET /{'a' * 70 * KIB}"),
    "an address too long": (414, f"GET /{'a' * 9 * KIB} HTTP/1.1\r\n\r\n"),
    "a field too long": (431, f"GET / HTTP/1.1\r\nA: {'a' * 9 * KIB}\r\n\r\n"),
    "fields without end": (431, "GET / HTTP/1.1\r\n" + "A: b\r\n" * 12 * KIB),
    "too many fields": (
        431,
        f"GET / HTTP/1.1\r\n{''.join('A: b' + chr(13) + chr(10) for _ in range(101))}\r\n",
    ),
    "a bare line end": (400, "GET / HTTP/1.1\nHost: 127.0.0.1\n\n"),
    "a folded field": (400, "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"),
    "no field": (400, "GET / HTTP/1.1\r\nnothing\r\n\r\n"),
    "no request": (400, "\r\n\r\n"),
    "a small method": (400, "get / HTTP/1.1\r\n\r\n"),
    "another protocol": (400, "GET / GOPHER/1.1\r\n\r\n"),
    "HTTP/2": (400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "TLS": (400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "an unknown expectation": (417, "POST / HTTP/1.1\r\nExpect: miracles\r\n\r\n"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_request_is_refused_at_once(web: Server, what: str) -> None:
    status, sent = REFUSED[what]
    told = ask(web.port, sent.encode("latin-1"), half_close=True)
    assert told.statuses == [status]
    assert b"Connection: close" in told.content
    assert told.seconds < front_door.HEAD_SECONDS / 2


def test_who_is_refused_and_goes_on_sending_gets_the_whole_answer(web: Server) -> None:
    told = ask(web.port, b"GET / HTTP/2.0\r\n\r\n", *[b"more" * KIB] * 20)
    assert told.statuses == [400]
    assert told.content.endswith(b"</html>\n")


def test_no_bytes_whatever_end_a_worker(web: Server) -> None:
    workers, chance = web.workers(), random.Random(1)
    good = post("/size/", 4, "Expect: 100-continue", "Upgrade: h2c", "A: b") + b"abcd"
    for _ in range(150):
        sent = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(sent))
            sent[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        with socket.create_connection(("127.0.0.1", web.port)) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while client.recv(64 * KIB):
                pass
    assert ask(web.port, GET + LAST).statuses == [200]
    assert web.workers() == workers


def test_a_client_that_asks_first_is_told_to_go_on(web: Server) -> None:
    told = ask(web.port, post("/size/", 5, "Expect: 100-continue"), b"", b"ab", b"cde")
    assert told.statuses == [100, 200]
    assert told.body == b"5"


@pytest.mark.parametrize("path", ["/size/", "/cart/", "/health/live"])
def test_a_body_over_the_limit_is_refused_unread(web: Server, path: str) -> None:
    told = ask(web.port, post(path, 64 * KIB + 1, "Expect: 100-continue"))
    assert told.statuses == [200 if path.startswith("/health") else 413]
    assert told.seconds < 4.0


@pytest.mark.parametrize(("path", "size"), [("/size/", 64 * KIB), ("/upload/size/", 1000 * KIB)])
def test_a_body_within_the_limit_reaches_the_view_whole(web: Server, path: str, size: int) -> None:
    piece = b"x" * (size // 4)
    told = ask(web.port, post(path, size), *[piece] * 4)
    assert (told.statuses, told.body) == ([200], str(size).encode())


def test_every_part_of_a_request_has_a_deadline_that_trickling_does_not_move(web: Server) -> None:
    trickled = tuple(bytes([each]) for each in GET + b"A: " + b"a" * 400)

    async def all_at_once() -> list[tuple[list[int], int]]:
        told = await asyncio.gather(
            tell(web.port),
            tell(web.port, GET),
            tell(web.port, *trickled, pause=0.1),
            tell(web.port, post("/size/", 9), b"a"),
            tell(web.port, post("/size/", 900), *[b"a"] * 200, pause=0.1),
        )
        return [(each.statuses, round((each.seconds - 0.75) / 5)) for each in told]

    head, body = 1, 2  # times five seconds, and up to one more until the client is let go
    assert asyncio.run(all_at_once()) == [
        ([], head),
        ([408], head),
        ([408], head),
        ([408], body),
        ([408], body),
    ]


def test_who_takes_an_answer_slowly_or_sends_slowly_holds_no_thread(web: Server) -> None:
    with ExitStack() as stack:
        for sent in [b"GET /large/?bytes=4000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"] * 20 + [
            post("/upload/size/", 1000 * KIB) + b"x" * 70 * KIB
        ] * 20:
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", web.port))
            client.sendall(sent)
        told = [ask(web.port, GET + LAST) for _ in range(5)]
    assert [each.statuses for each in told] == [[200]] * 5
    assert max(each.seconds for each in told) < 2.0


def test_forms_with_files_hold_up_nobody_else(web: Server) -> None:
    """What is in them may be opened for seconds, also where the loop answers by itself."""
    sent = post("/busy/?seconds=2", 2, "Content-Type: multipart/form-data; boundary=a") + b"ab"

    async def told() -> tuple[float, list[list[int]]]:
        forms = [asyncio.create_task(tell(web.port, sent)) for _ in range(2)]
        await asyncio.sleep(0.3)
        others = [await tell(web.port, GET + LAST) for _ in range(5)]
        answered = await asyncio.gather(*forms)
        return max(each.seconds for each in others), [each.statuses for each in answered]

    slowest, statuses = asyncio.run(told())
    assert statuses == [[200]] * 2
    assert slowest < 1.0


def test_answers_that_nobody_takes_fill_no_memory(web: Server) -> None:
    before = _allocated(web.workers())
    with ExitStack() as stack:
        for _ in range(60):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", web.port))
            client.sendall(b"GET /large/?bytes=8000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert client.recv(1)
        assert web.total(DROPPED, reason="memory") > 0
        assert ask(web.port, GET + LAST).statuses == [200]
        assert max(_grown(before)) < 80 * KIB * KIB  # 480 million bytes were asked for
    assert web.workers() == [*before]


def test_whole_requests_that_wait_for_a_thread_fill_no_memory(tmp_path: Path) -> None:
    """And small ones find room all the same."""
    server = Server(tmp_path, WEB_THREADS=8)
    fields = [f"A-{number}: {'a' * 600}" for number in range(90)]
    large = post("/busy/?seconds=25", 64 * KIB, *fields) + b"x" * 64 * KIB
    before = _allocated(server.workers())
    try:
        with ExitStack() as stack:
            address = ("127.0.0.1", server.port)
            for _ in range(400):
                client = stack.enter_context(socket.create_connection(address))
                client.sendall(large)
            wait_for(lambda: server.total(DROPPED, reason="memory") > 200)
            assert client.recv(64).startswith(b"HTTP/1.1 503 ")
            grown = _grown(before)
            with socket.create_connection(address, timeout=0.5) as client:
                client.sendall(GET + LAST)
                with pytest.raises(TimeoutError):  # it waits for a thread
                    client.recv(64)
        assert max(grown) < 17 * KIB * KIB  # measured 14.6, of which 8 are requests; 25 were sent
        assert server.workers() == [*before]
    finally:
        server.stop()


def _allocated(workers: Iterable[int]) -> dict[int, int]:
    """Bytes of memory by worker, those included that it shares with the master since its birth."""
    told = {each: Path(f"/proc/{each}/status").read_text() for each in workers}
    return {each: int(text.split("RssAnon:")[1].split()[0]) * KIB for each, text in told.items()}


def _grown(before: Mapping[int, int]) -> list[int]:  # what the clients of each worker cost
    return [now - before[each] for each, now in _allocated(before).items()]


def test_uploads_beyond_their_room_push_out_the_oldest(web: Server) -> None:
    workers = web.workers()
    most = front_door.UPLOAD_BYTES // (1000 * KIB) * len(workers)
    before = web.total(DROPPED, reason="full")

    async def crowd() -> int:
        sent = post("/upload/size/", 1000 * KIB)
        tasks = [asyncio.create_task(tell(web.port, sent, b"a")) for _ in range(most + 2)]
        _, waiting = await asyncio.wait(tasks, timeout=2.0)
        for each in waiting:
            each.cancel()
        return len(waiting)

    assert asyncio.run(crowd()) <= most
    assert web.total(DROPPED, reason="full") >= before + 2
    assert web.workers() == workers


def test_a_client_that_leaves_takes_nobody_with_it(web: Server) -> None:
    workers = web.workers()
    for sent in (b"", GET, post("/size/", 9) + b"a", GET + LAST):
        with socket.create_connection(("127.0.0.1", web.port)) as client:
            client.sendall(sent)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset
    assert ask(web.port, GET + LAST).statuses == [200]
    assert web.workers() == workers


def test_a_stop_lets_what_runs_end(web: Server) -> None:
    """The last test of this server."""
    before = web.workers()

    async def stop_meanwhile() -> list[list[int]]:
        running = b"GET /busy/?seconds=1.5 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        tasks = [asyncio.create_task(tell(web.port, each)) for each in (running, GET, b"")]
        await asyncio.sleep(0.5)
        web.process.send_signal(signal.SIGTERM)
        return [each.statuses for each in await asyncio.gather(*tasks)]

    assert asyncio.run(stop_meanwhile()) == [[200], [408], []]
    wait_for(lambda: web.process.poll() is not None)
    assert web.process.returncode == 0
    assert not any(Path(f"/proc/{each}").exists() for each in before)
