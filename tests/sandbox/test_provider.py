"""The sandbox provider as the shop sees it: a real process, spoken to over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.local.ports import any_free
from sandbox.ledger import Ledger
from sandbox.refunds import Refunds

ROOT = Path(__file__).resolve().parents[2]
KEY = "secret-of-the-sandbox"


class Provider:
    """One provider process and the calls that tests make to it."""

    def __init__(self, folder: Path) -> None:
        [self.port] = any_free(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.ledger_path = folder / "kept" / "ledger.sqlite"
        self.start()

    def start(self) -> None:
        key = self.ledger_path.with_name("key")  # a file, as a mounted secret is
        key.parent.mkdir(exist_ok=True)
        key.write_text(f"{KEY}\n")
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "SANDBOX_LEDGER": str(self.ledger_path),
            "PAYMENT_PROVIDER_KEY_FILE": str(key),
            "SANDBOX_PUBLIC_URL": "http://bank.example",
        }
        command = [sys.executable, "-m", "sandbox"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/health", timeout=1).json() == {"status": "ok"}:
                    return
            except requests.ConnectionError:
                time.sleep(0.01)
        raise AssertionError("the provider did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(5)

    def post(self, path: str, key: str | None, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {KEY}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return requests.post(self.url + path, json=body, headers=headers, **{"timeout": 10, **more})

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers={"Authorization": f"Bearer {KEY}"}, timeout=10)

    def authorize(
        self, token: str, *, key: str | None = "a-1", timeout: float = 10, **more: Any
    ) -> requests.Response:
        wish = {
            "amount": 1990,
            "currency": "EUR",
            "token": token,
            "reference": "TC-ABCD2345",
            "return_url": "http://shop.example/orders/TC-ABCD2345/",
        }
        return self.post("/authorizations", key, {**wish, **more}, timeout=timeout)

    def moved(self) -> list[tuple[str, int, str]]:
        """What the ledger says moved: kind, amount, key."""
        entries = self.get("/ledger").json()["entries"]
        return [(entry["kind"], entry["amount"], entry["key"]) for entry in entries]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    provider = Provider(tmp_path_factory.mktemp("provider"))
    yield provider
    provider.process.terminate()
    assert provider.process.wait(5) == 0


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    provider = Provider(tmp_path)
    yield provider
    provider.process.terminate()
    provider.process.wait(5)


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("bank.example", 200), ("sandbox:8000", 200), ("localhost", 200)],
)
@pytest.mark.parametrize("path", ["/ledger", "/health", "/authorizations?open=1"])
def test_the_bank_answers_to_its_own_names_alone(
    process: Provider, path: str, host: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Host": host}
    assert requests.get(process.url + path, headers=headers, timeout=10).status_code == status


def test_an_approved_payment_is_authorized_captured_and_kept(provider: Provider) -> None:
    authorized = provider.authorize("tok_approve").json()
    captured = provider.post(f"/authorizations/{authorized['id']}/capture", "c-1", {"amount": 1990})

    assert authorized["status"] == "authorized"
    assert captured.json() == {
        "id": authorized["id"],
        "status": "captured",
        "reason": None,
        "confirm_url": None,
    }
    assert provider.moved() == [("authorize", 1990, "a-1"), ("capture", 1990, "c-1")]


@pytest.mark.parametrize(
    ("token", "reason"),
    [("tok_decline", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")],
)
def test_a_declined_payment_moves_nothing(process: Provider, token: str, reason: str) -> None:
    before = process.moved()
    answer = process.authorize(token, key=token).json()

    assert (answer["status"], answer["reason"]) == ("declined", reason)
    refused = process.post(
        f"/authorizations/{answer['id']}/capture", f"c-{token}", {"amount": 1990}
    )
    assert refused.json()["status"] == "declined"
    assert refused.json()["reason"] == "authorization_declined"
    assert process.moved() == before


def test_a_repeated_key_gets_the_first_answer_and_moves_nothing_more(provider: Provider) -> None:
    first = provider.authorize("tok_approve").json()
    again = provider.authorize("tok_approve").json()
    for _ in range(3):
        provider.post(f"/authorizations/{first['id']}/capture", "c-1", {"amount": 1990})

    assert again == first
    assert provider.moved() == [("authorize", 1990, "a-1"), ("capture", 1990, "c-1")]


def test_forty_simultaneous_calls_of_one_key_have_one_effect(provider: Provider) -> None:
    barrier = threading.Barrier(40)
    answers: list[tuple[int, str]] = []

    def buy() -> None:
        barrier.wait()
        answer = provider.authorize("tok_slow", key="same")
        answers.append((answer.status_code, answer.json()["id"]))

    threads = [threading.Thread(target=buy) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 40
    assert len(set(answers)) == 1
    assert provider.moved() == [("authorize", 1990, "same")]


def test_a_key_means_one_thing_only(process: Provider) -> None:
    first = process.authorize("tok_approve", key="once").json()

    other_amount = process.authorize("tok_approve", key="once", amount=1)
    other_call = process.post(f"/authorizations/{first['id']}/void", "once")

    assert (other_amount.status_code, other_call.status_code) == (422, 422)
    assert other_amount.json()["code"] == "idempotency_key_reused"


def test_a_second_key_captures_a_second_time(provider: Provider) -> None:
    """A shop without stable keys would see its double charge here."""
    authorization = provider.authorize("tok_approve").json()["id"]
    for key in ("c-1", "c-2"):
        provider.post(f"/authorizations/{authorization}/capture", key, {"amount": 1990})

    assert [kind for kind, _, _ in provider.moved()] == ["authorize", "capture", "capture"]


def test_a_void_gives_back_once_and_only_what_is_held(provider: Provider) -> None:
    held = provider.authorize("tok_approve").json()["id"]
    taken = provider.authorize("tok_approve", key="a-2").json()["id"]
    provider.post(f"/authorizations/{taken}/capture", "c-2", {"amount": 1990})

    voids = [provider.post(f"/authorizations/{held}/void", key) for key in ("v-1", "v-1", "v-3")]
    too_late = provider.post(f"/authorizations/{taken}/void", "v-2")

    assert [answer.json()["status"] for answer in voids] == ["voided"] * 3
    assert too_late.json()["status"] == "captured"
    kinds = [kind for kind, _, _ in provider.moved()]
    assert kinds == ["authorize", "authorize", "capture", "void"]
    refused = provider.post(f"/authorizations/{held}/capture", "c-1", {"amount": 1990})
    assert refused.json()["reason"] == "authorization_voided"


def test_more_than_was_authorized_cannot_be_captured(process: Provider) -> None:
    authorization = process.authorize("tok_approve", key="small").json()["id"]
    answer = process.post(f"/authorizations/{authorization}/capture", "large", {"amount": 1991})

    assert (answer.json()["status"], answer.json()["reason"]) == ("declined", "amount_too_large")


def test_a_capture_can_be_declined_after_a_good_authorization(provider: Provider) -> None:
    authorization = provider.authorize("tok_capture_decline").json()
    captured = provider.post(
        f"/authorizations/{authorization['id']}/capture", "c-1", {"amount": 1990}
    ).json()

    assert (authorization["status"], captured["status"]) == ("authorized", "declined")
    open_ones = provider.get("/authorizations?open=1").json()["authorizations"]
    assert [row["id"] for row in open_ones] == [authorization["id"]]  # the shop has to void it


def test_an_answer_lost_after_the_effect_is_found_by_its_key(provider: Provider) -> None:
    wish = {"amount": 1990, "currency": "EUR", "reference": "TC-1"}
    body = {**wish, "token": "tok_timeout_after_effect"}
    with pytest.raises(requests.ReadTimeout):
        provider.post("/authorizations", "a-1", body, timeout=0.5)

    found = provider.get("/keys/a-1").json()
    assert (found["operation"], found["status"]) == ("authorize", "authorized")
    repeated = provider.post("/authorizations", "a-1", body, timeout=2)
    assert repeated.json()["id"] == found["id"]
    assert provider.moved() == [("authorize", 1990, "a-1")]


def test_a_late_success_answers_500_first(provider: Provider) -> None:
    first = provider.authorize("tok_late_success")
    second = provider.authorize("tok_late_success")

    assert first.status_code == 500
    assert second.json()["status"] == "authorized"
    assert provider.moved() == [("authorize", 1990, "a-1")]


def refund(provider: Provider, token: str, *amounts: int) -> list[dict[str, Any]]:
    held = provider.authorize(token).json()["id"]
    provider.post(f"/authorizations/{held}/capture", "c-1", {"amount": 1990})
    path = f"/authorizations/{held}/refunds"
    return [
        provider.post(path, f"r-{place}", {"amount": amount}).json()
        for place, amount in enumerate(amounts)
    ]


def test_a_refund_is_in_the_books_and_in_the_list_and_never_too_much(provider: Provider) -> None:
    part, rest, more = refund(provider, "tok_approve", 500, 1490, 1)
    assert (part["status"], rest["status"]) == ("succeeded", "succeeded")
    assert (more["id"], more["status"], more["reason"]) == (None, "failed", "amount_too_large")
    assert provider.moved()[2:] == [("refund", 500, "r-0"), ("refund", 1490, "r-1")]
    listed = provider.get(f"/authorizations/{part['authorization']}/refunds").json()["refunds"]
    assert listed == [part, rest]
    provider.kill()
    provider.start()
    assert provider.get(f"/refunds/{part['id']}").json() == part


def test_a_refund_that_is_refused_moves_nothing(provider: Provider) -> None:
    (failed,) = refund(provider, "tok_refund_fails", 500)
    assert (failed["status"], failed["reason"]) == ("failed", "refund_declined")
    assert [kind for kind, _, _ in provider.moved()] == ["authorize", "capture"]


def test_a_file_of_the_version_before_takes_refunds(tmp_path: Path) -> None:
    """It has no table of them yet, and a payment in it is a payment all the same."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    wish = {"reference": "TC-1", "currency": "EUR", "return_url": ""}
    held = ledger.authorize(key="a", amount=1990, token="tok_approve", **wish).authorization
    ledger.capture(key="c", authorization=held, amount=1990)
    ledger.close()
    opened = Ledger(tmp_path / "ledger.sqlite")
    assert Refunds(opened, 5).refund(key="r", authorization=held, amount=1990)["id"]
    assert [entry["kind"] for entry in opened.entries()] == ["authorize", "capture", "refund"]
    opened.close()


def test_a_key_that_never_arrived_is_unknown(process: Provider) -> None:
    answer = process.get("/keys/never")

    assert (answer.status_code, answer.json()) == (404, {"status": "unknown_key"})


@pytest.mark.parametrize(
    ("answer", "status", "kinds"),
    [("confirm", "authorized", ["authorize"]), ("refuse", "declined", [])],
)
def test_a_shopper_answers_on_the_page_of_the_bank(
    provider: Provider, answer: str, status: str, kinds: list[str]
) -> None:
    asked = provider.authorize("tok_confirm").json()
    assert asked["status"] == "action_required"
    assert asked["confirm_url"] == f"http://bank.example/confirm/{asked['id']}"
    assert provider.moved() == []

    page = requests.get(f"{provider.url}/confirm/{asked['id']}", timeout=5)
    assert "<button" in page.text
    assert "TC-ABCD2345" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    sent = requests.post(
        f"{provider.url}/confirm/{asked['id']}",
        data={"answer": answer},
        allow_redirects=False,
        timeout=5,
    )

    assert sent.status_code == 303
    assert sent.headers["Location"] == "http://shop.example/orders/TC-ABCD2345/"
    assert provider.get(f"/authorizations/{asked['id']}").json()["status"] == status
    assert provider.get("/keys/a-1").json()["status"] == status
    assert [kind for kind, _, _ in provider.moved()] == kinds
    afterwards = requests.get(f"{provider.url}/confirm/{asked['id']}", timeout=5)
    assert "<button" not in afterwards.text


def test_a_return_address_cannot_forge_headers_or_markup(provider: Provider) -> None:
    wicked = 'http://x/\r\nSet-Cookie: a=b"><script>'
    asked = provider.authorize("tok_confirm", return_url=wicked, reference="<b>").json()

    sent = requests.post(
        f"{provider.url}/confirm/{asked['id']}",
        data={"answer": "confirm"},
        allow_redirects=False,
        timeout=5,
    )

    assert sent.status_code == 200
    assert "Set-Cookie" not in sent.headers
    assert "<script>" not in sent.text
    assert "<b>" not in sent.text


def test_a_killed_provider_remembers_everything_it_answered(provider: Provider) -> None:
    answered: list[str] = []
    stop = threading.Event()

    def buy() -> None:
        while not stop.is_set():
            try:
                answer = provider.authorize("tok_approve", key=f"k-{len(answered)}", timeout=2)
            except requests.RequestException:
                return
            answered.append(answer.json()["id"])

    buyer = threading.Thread(target=buy)
    buyer.start()
    while len(answered) < 50:
        time.sleep(0.001)
    provider.kill()
    stop.set()
    buyer.join()
    provider.start()

    entries = provider.get("/ledger").json()["entries"]
    kept = [entry["authorization"] for entry in entries]
    assert kept[: len(answered)] == answered
    assert len(kept) - len(answered) in (0, 1)  # the answer that was on its way
    for number, authorization in enumerate(answered[:5]):
        assert provider.authorize("tok_approve", key=f"k-{number}").json()["id"] == authorization


def test_the_provider_starts_without_django(process: Provider) -> None:
    code = (
        "import sys; import sandbox.server; "
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'requests', 'structlog')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)

    assert loaded.stdout == b"[]\n"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/authorizations", {}, 400),
        ("/authorizations", [], 400),
        ("/authorizations", {"amount": "19.90"}, 400),
        ("/authorizations", {"amount": True}, 400),
        ("/authorizations", {"amount": -5}, 400),
        ("/authorizations", {"amount": 10**30}, 400),
        ("/authorizations", {"amount": 1, "currency": "EUR", "token": "x", "reference": "y"}, 422),
        ("/authorizations/auth_none/capture", {"amount": 1}, 404),
        ("/authorizations/auth_none/void", {}, 404),
        ("/authorizations/auth_none/refunds", {"amount": 1}, 404),
        ("/nowhere", {}, 404),
    ],
)
def test_nonsense_is_refused(process: Provider, path: str, body: Any, status: int) -> None:
    assert process.post(path, "n-1", body).status_code == status


def test_broken_json_a_missing_key_and_a_wrong_secret_are_refused(process: Provider) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "b"}
    url = f"{process.url}/authorizations"

    assert requests.post(url, data=b"{", headers=headers, timeout=5).status_code == 400
    assert process.authorize("tok_approve", key=None).status_code == 400
    assert requests.get(f"{process.url}/ledger", timeout=5).status_code == 401
    wrong = {"Authorization": "Bearer wrong"}
    assert requests.get(f"{process.url}/ledger", headers=wrong, timeout=5).status_code == 401
    assert requests.post(url, data=b"x" * 20_000, headers=headers, timeout=5).status_code == 413


def test_whatever_is_missing_is_named_at_once() -> None:
    command = [sys.executable, "-m", "sandbox"]
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True)
    assert done.returncode == 1
    for name in ("PORT", "SANDBOX_LEDGER", "PAYMENT_PROVIDER_KEY"):
        assert f"{name} is missing" in done.stderr
