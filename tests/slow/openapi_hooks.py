"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): a fresh token for each half minute of its run.

ISSUER, AUDIENCE, SUBJECT, SCOPE and SIGNING_KEY are set by the test that starts it. An address that
is too long for the web server never reaches the service, so none is sent.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlencode

import schemathesis
from schemathesis import AuthContext, Case, HookContext

from chassis.auth import TokenSigner

ADDRESS_MAX = 4000  # characters; gunicorn takes 4,094 with method, path and version


@schemathesis.hook
def filter_query(context: HookContext, query: dict[str, Any] | None) -> bool:
    return len(urlencode(query or {}, doseq=True)) < ADDRESS_MAX


@schemathesis.auth(refresh_interval=30)
class ServiceToken:
    def get(self, case: Case[Any], context: AuthContext) -> str:
        signer = TokenSigner(os.environ["ISSUER"], os.environ["SIGNING_KEY"])
        return signer.mint(os.environ["AUDIENCE"], os.environ["SUBJECT"], os.environ["SCOPE"])

    def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"
