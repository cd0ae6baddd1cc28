"""Who may call a service: the public keys of each issuer, and what its tokens may say.

A service's settings hold one table, SERVICE_ISSUERS, from the name of an issuer to an Issuer.
A token that says more than the table allows its issuer is refused.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

KEY_BYTES = 32
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

    def may_act_for(self, subject: str) -> bool:
        kind, _, name = subject.partition(":")
        is_known = subject in self.subjects or f"{kind}:" in self.subjects
        return is_known and SUBJECT_ID.fullmatch(name) is not None


def decode_key(text: str) -> bytes:
    """A raw Ed25519 key, 32 bytes, from base64url. Raises ValueError for anything else."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != KEY_BYTES:
        raise ValueError("A key is 32 bytes in base64url, 43 characters.")
    return raw
