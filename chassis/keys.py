"""The raw Ed25519 keys of service tokens as text; settings and verifiers read them alike."""

from __future__ import annotations

import base64

KEY_BYTES = 32


def decode_key(text: str) -> bytes:
    """32 raw bytes from base64url. Raises ValueError for anything else."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != KEY_BYTES:
        raise ValueError("A key is 32 bytes in base64url, 43 characters.")
    return raw
