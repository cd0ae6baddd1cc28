"""The table that `make run` ends with: which ports it names, and why."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deploy.local import ports, ready
from deploy.local.folder import RunFolder

SHOWN = {
    "ADMIN_PASSWORD": "secret",
    "PUBLIC_URL": "http://127.0.0.1:8300",
    "PRODUCT_SERVICE_URL": "http://127.0.0.1:8001",
    "ORDER_SERVICE_URL": "http://127.0.0.1:8002",
}


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch) -> int:
    """The usual port of the shop, which is free."""
    monkeypatch.delenv("PORT", raising=False)
    (port,) = ports.any_free(1)
    monkeypatch.setitem(ports.USUAL, "storefront", port)
    return port


def told(capsys: pytest.CaptureFixture[str], folder: Path) -> list[str]:
    chosen = {name: ports.USUAL.get(name, 15_000) for name in ports.NAMES} | {"storefront": 8300}
    ready.show(SHOWN, chosen, RunFolder(folder))
    return [line.strip() for line in capsys.readouterr().out.splitlines() if " is on port " in line]


def test_a_port_that_was_asked_for_is_no_surprise(
    usual: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PORT", "8300")
    assert told(capsys, tmp_path) == []


def test_a_port_is_called_taken_only_while_it_is(
    usual: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    free = f"storefront is on port 8300, as in its last run: {usual} is free again."
    assert told(capsys, tmp_path) == [free]
    with socket.create_server((ports.HOST, usual)):
        taken = f"storefront is on port 8300: {usual} is taken."
        assert told(capsys, tmp_path) == [taken]
