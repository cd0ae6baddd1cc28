"""ServiceClient against a real socket: what is repeated, what is not, and how long it takes."""

import socket
import time

import pytest
from requests.exceptions import InvalidHeader

from chassis import breaker, logs
from chassis.http import Refused, ServiceClient, Unavailable
from chassis.tests.stub_server import Behaviour, StubServer, answer, drip, reset, serving, silence

CLOSE = "Connection: close"


def client(url: str, deadline_seconds: float = 1.0) -> ServiceClient:
    return ServiceClient(
        upstream="stub",
        base_url=url,
        deadline_seconds=deadline_seconds,
        token=lambda subject: f"token-of-{subject}",
    )


def test_an_answer_is_decoded_and_carries_token_and_request_id() -> None:
    logs.set_request_id("request-12345678")
    with serving(answer("200 OK", b'{"a": 1}', CLOSE)) as stub:
        result = client(stub.url).call("GET", "/x", operation="x", subject="guest:1")
    logs.clear()
    assert (result.status, result.body) == (200, {"a": 1})
    assert "Authorization: Bearer token-of-guest:1" in stub.requests[0]
    assert "X-Request-ID: request-12345678" in stub.requests[0]


def test_a_refusal_tells_its_code_and_is_not_repeated() -> None:
    body = b'{"code": "price_changed", "detail": "It costs more now.", "total": "2.00"}'
    with serving(answer("409 Conflict", body, CLOSE)) as stub, pytest.raises(Refused) as caught:
        client(stub.url).call("POST", "/x", operation="x", json={})
    assert (caught.value.status, caught.value.code) == (409, "price_changed")
    assert caught.value.body["total"] == "2.00"
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("method", "headers", "requests"),
    [("GET", {}, 2), ("PUT", {}, 2), ("POST", {"Idempotency-Key": "k"}, 2), ("POST", {}, 1)],
)
def test_a_lost_connection_is_repeated_only_where_that_is_safe(
    method: str, headers: dict[str, str], requests: int
) -> None:
    with serving(reset, answer("200 OK", b"{}", CLOSE)) as stub:
        if requests == 2:
            assert client(stub.url).call(method, "/x", operation="x", headers=headers).status == 200
        else:
            with pytest.raises(Unavailable) as caught:
                client(stub.url).call(method, "/x", operation="x", headers=headers)
            assert caught.value.reason == "reset"
        assert len(stub.requests) == requests


def test_each_attempt_is_stamped_with_the_time_it_was_sent() -> None:
    def linger_and_reset(connection: socket.socket) -> None:
        time.sleep(0.1)
        reset(connection)

    began = time.time()
    with serving(linger_and_reset, answer("200 OK", b"{}", CLOSE)) as stub:
        client(stub.url).call("GET", "/x", operation="x")
    first, second = (float(stamp(request)) for request in stub.requests)
    assert began - 0.001 <= first <= second - 0.1
    assert second <= time.time()


def stamp(request: str) -> str:
    [line] = [line for line in request.splitlines() if line.startswith("X-Request-Start: ")]
    return line.partition(": ")[2]


@pytest.mark.parametrize("behaviour", [silence(5), drip], ids=["silent", "dripping"])
def test_the_deadline_holds_and_a_timeout_is_not_repeated(behaviour: Behaviour) -> None:
    with serving(behaviour, answer("200 OK")) as stub:
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            client(stub.url, 0.3).call("GET", "/x", operation="x")
        assert time.monotonic() - started < 2
        assert caught.value.timed_out
        assert len(stub.requests) == 1


def test_a_retry_that_finds_nobody_does_not_hide_that_the_first_try_was_sent() -> None:
    servers: list[StubServer] = []

    def reset_and_leave(connection: socket.socket) -> None:
        servers[0].leave()
        reset(connection)

    with serving(reset_and_leave) as stub:
        servers.append(stub)
        with pytest.raises(Unavailable) as caught:
            client(stub.url).call("PUT", "/x", operation="x")
    assert caught.value.reason == "reset"
    assert not caught.value.never_sent


def test_nobody_listening_is_never_sent() -> None:
    with serving() as stub:
        stub.leave()
        with pytest.raises(Unavailable) as caught:
            client(stub.url).call("POST", "/x", operation="x", json={})
    assert caught.value.reason == "connect"
    assert caught.value.never_sent


def test_a_5xx_is_unavailable_with_its_retry_after() -> None:
    with (
        serving(answer("503 Service Unavailable", b"{}", "Retry-After: 7", CLOSE)) as stub,
        pytest.raises(Unavailable) as caught,
    ):
        client(stub.url).call("GET", "/x", operation="x")
    assert (caught.value.reason, caught.value.retry_after) == ("5xx", 7.0)


def test_nonsense_instead_of_json_is_unavailable() -> None:
    with (
        serving(answer("200 OK", b"<html>", CLOSE)) as stub,
        pytest.raises(Unavailable) as caught,
    ):
        client(stub.url).call("GET", "/x", operation="x")
    assert caught.value.reason == "malformed"


def test_the_breaker_opens_after_five_failures_and_closes_on_the_first_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(breaker, "OPEN_SECONDS", 60.0)
    failures = [answer("500 Internal Server Error", b"{}", CLOSE)] * 5
    with serving(*failures, answer("200 OK", b"{}", CLOSE)) as stub:
        caller = client(stub.url)
        for _ in range(5):
            with pytest.raises(Unavailable):
                caller.call("GET", "/x", operation="x")
        with pytest.raises(Unavailable) as caught:
            caller.call("GET", "/x", operation="x")
        assert caught.value.reason == "open"
        assert len(stub.requests) == 5
        caller._breaker._retry_at = 0
        assert caller.call("GET", "/x", operation="x").status == 200
        assert not caller._breaker.is_open


def test_an_open_breaker_looks_again_twice_a_second_whatever_fails_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twenty calls were waiting when it opened, and fail until their deadlines are over."""
    clock = [100.0]
    monkeypatch.setattr("chassis.breaker.time.monotonic", lambda: clock[0])
    opened = breaker.Breaker("upstream")
    probes = []
    for tenths in range(30):
        clock[0] = 100 + tenths / 10
        if tenths < 20:
            opened.failed()
        if opened.is_open and opened.allows():
            probes.append(tenths)
    assert probes == [9, 14, 19, 24, 29]
    opened.succeeded()
    assert all(opened.allows() for _ in range(20))


def test_an_honest_503_does_not_open_the_breaker() -> None:
    """The service is there and says what it lacks; its other calls may well work."""
    away = answer("503 Service Unavailable", b'{"code": "products_unavailable"}', CLOSE)
    with serving(*[away] * 6, answer("200 OK", b"{}", CLOSE)) as stub:
        caller = client(stub.url)
        for _ in range(6):
            with pytest.raises(Unavailable) as caught:
                caller.call("GET", "/x", operation="x")
            assert caught.value.reason == "5xx"
        assert caller.call("GET", "/x", operation="x").status == 200


def test_a_request_that_cannot_be_sent_is_our_bug_and_not_the_upstreams() -> None:
    with serving(answer("200 OK", b"{}", CLOSE)) as stub:
        caller = client(stub.url)
        for _ in range(6):
            with pytest.raises(InvalidHeader):
                caller.call("GET", "/x", operation="x", headers={"Order-Token": "a\nb"})
        assert caller.call("GET", "/x", operation="x").status == 200
