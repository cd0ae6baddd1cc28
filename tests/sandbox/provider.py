"""The sandbox provider as a process of its own, spoken to over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from deploy.local.ports import any_free

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
