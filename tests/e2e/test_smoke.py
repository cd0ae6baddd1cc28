"""The smoke test of a deploy, run on a real shop: it sells, or says at which step it did not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SMOKE = Path(__file__).parents[2] / "deploy" / "scripts" / "smoke.py"


def smoke(*arguments: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    command = [sys.executable, str(SMOKE), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def test_buys_a_product(base_url: str) -> None:
    code, said = smoke(base_url)
    assert code == 0
    assert re.fullmatch(r"order TC-\w{8} confirmed after \d+\.\d s", said)


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--payment", "tok_decline", r"order TC-\w+ is not confirmed: .*Your payment was declined"),
        ("--payment", "tok_gold", r"checkout, payment: tok_gold is not offered, but tok_approve.*"),
        ("--product", "/p/none/", r"GET /p/none/: 404 /p/none/ says: We couldn’t find .*"),
        ("--product", "/cart/", r"choosing a product: none of 1 can be bought"),
    ],
)
def test_says_at_which_step_it_failed(base_url: str, option: str, value: str, why: str) -> None:
    code, said = smoke(base_url, option, value)
    assert code == 1
    assert re.fullmatch(why, said)


def test_says_that_nobody_answers() -> None:
    code, said = smoke("http://127.0.0.1:9", "--seconds", "0")
    assert code == 1
    assert said == "GET /: 503 / says: no answer, [Errno 111] Connection refused"
