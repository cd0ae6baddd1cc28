"""Who may call a service: the public keys of each issuer, and what its tokens may say.

A service's settings hold one table, SERVICE_ISSUERS, from the name of an issuer to an Issuer.
A token that says more than the table allows its issuer is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SUBJECT_ID = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass(frozen=True)
class Issuer:
    """What is accepted of one calling service.

    `keys` are Ed25519 public keys as text, two while a key is rotated. A subject is either
    written out, `service:storefront`, or a kind with its colon, `guest:`, which any id of 1 to
    100 visible ASCII characters may follow.
    """

    keys: Sequence[str]
    scopes: frozenset[str]
    subjects: frozenset[str]

    def may_claim(self, scopes: frozenset[str]) -> bool:
        return scopes <= self.scopes

    def may_act_for(self, subject: str) -> bool:
        kind, _, name = subject.partition(":")
        if not SUBJECT_ID.fullmatch(name):
            return False
        return subject in self.subjects or f"{kind}:" in self.subjects
