"""`make token`: one token on standard output, that its service accepts, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jwt
import pytest

from chassis.auth import verify
from chassis.errors import Unauthorized
from chassis.issuers import Issuer
from deploy.local import keys
from deploy.local.folder import ROOT, RunFolder
from deploy.local.service_token import main


def token(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", "token", *arguments],
        cwd=ROOT,
        env={**os.environ, "RUN_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("subject", ["bogus", "ada:guest", "guest:", ""])
def test_a_subject_that_is_nobody_is_refused(
    subject: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--subject", subject])
    assert "give one of guest:<name>, user:<name>, service:<name>" in capsys.readouterr().err


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, str]:
    """The keys of a shop whose folder is tmp_path."""
    made = keys.generate()
    RunFolder(tmp_path).create().write("environment", made)
    return made


@pytest.mark.parametrize(
    ("issuer", "audience", "subject", "scope"),
    [
        ("storefront", "order_service", "guest:reader", "orders"),
        ("order_service", "product_service", "service:order_service", "reservations"),
    ],
)
def test_token_is_accepted_by_the_service_that_its_issuer_calls(
    tmp_path: Path, secrets: dict[str, str], issuer: str, audience: str, subject: str, scope: str
) -> None:
    done = token(tmp_path, "--issuer", issuer)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    public = Issuer(
        (secrets[f"{issuer.upper()}_PUBLIC_KEYS"],), frozenset({scope}), frozenset({subject})
    )
    caller = verify(done.stdout.strip(), audience=audience, issuers={issuer: public})
    assert (caller.subject, caller.scopes) == (subject, frozenset({scope}))
    with pytest.raises(Unauthorized):
        verify(done.stdout.strip(), audience="elsewhere", issuers={issuer: public})


def test_token_says_what_was_asked_for(tmp_path: Path, secrets: dict[str, str]) -> None:
    asked = ("--audience", "x", "--subject", "guest:ada", "--scope", "a b", "--seconds", "7")
    claims = jwt.decode(token(tmp_path, *asked).stdout.strip(), options={"verify_signature": False})
    assert (claims["aud"], claims["sub"], claims["scope"]) == ("x", "guest:ada", "a b")
    assert claims["exp"] - claims["iat"] == 7


def test_without_a_shop_nothing_is_printed_but_the_reason(tmp_path: Path) -> None:
    done = token(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Failed: The shop has never run here.\n  Why: A token is signed")
    assert "Fix: make run" in done.stderr


@pytest.mark.parametrize("seconds", ["0", "61", "-1", "1.5", "many", "٣"])
def test_longer_life_than_a_service_accepts_is_refused(
    seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main([f"--seconds={seconds}"])
    assert refused.value.code == 2
    assert capsys.readouterr().out == ""
