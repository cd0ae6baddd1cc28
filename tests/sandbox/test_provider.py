"""The sandbox provider as the shop sees it: a real process, spoken to over HTTP."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.ledger import Ledger
from sandbox.refunds import Refunds
from tests.sandbox.provider import ROOT, Provider


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
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'requests')])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)

    assert loaded.stdout == b"[]\n"
