"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): a fresh token for each half minute of its run.

ISSUER, AUDIENCE, SUBJECT, SCOPE and SIGNING_KEY are set by the test that starts it.
"""

from __future__ import annotations

import os

import schemathesis
from schemathesis import AuthContext, Case

from chassis.auth import TokenSigner


@schemathesis.auth(refresh_interval=30)
class ServiceToken:
    def get(self, case: Case, context: AuthContext) -> str:
        signer = TokenSigner(os.environ["ISSUER"], os.environ["SIGNING_KEY"])
        return signer.mint(os.environ["AUDIENCE"], os.environ["SUBJECT"], os.environ["SCOPE"])

    def set(self, case: Case, data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"
