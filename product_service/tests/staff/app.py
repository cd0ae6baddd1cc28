"""An authenticator app: it reads the key from the page and shows codes."""

from __future__ import annotations

import base64
import re
import time
from typing import Any

from django.test import Client
from django_otp.oath import TOTP

FACTOR = "/admin/second-factor/"
PASSWORD = "correct horse battery"
STEP_SECONDS = 30


class App:
    def __init__(self, page: Any) -> None:
        found = re.search(r'factor-key">([A-Z2-7 ]+)<', page.content.decode())
        assert found, "the page shows no key"
        text = found[1].replace(" ", "")
        self._key = base64.b32decode(text + "=" * (-len(text) % 8))

    def code(self, *, steps: int = 0) -> str:
        """Of now, or of so many steps later."""
        maker = TOTP(self._key)
        maker.time = time.time() + steps * STEP_SECONDS
        return f"{maker.token():06}"


def signed_in(name: str = "olga") -> Client:
    """With the password alone."""
    client = Client()
    answer = client.post("/admin/login/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()[:300]
    return client


def enrolled(client: Client) -> tuple[App, list[str]]:
    """The app, and the recovery codes that the page shows once."""
    app = App(client.get(FACTOR))
    page = client.post(FACTOR, {"code": app.code()})
    return app, codes_on(page)


def codes_on(page: Any) -> list[str]:
    return re.findall(r"<code>([A-Z2-9-]{19})</code>", page.content.decode())
