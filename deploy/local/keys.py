"""Passwords and keys of the local shop, generated once into the run folder.

The same function gives the test suite its values, so tests and `make run` need the same variables.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local.folder import ROOT, write_private

SERVICES = ("storefront", "product_service", "order_service")
SIGNERS = ("STOREFRONT", "ORDER_SERVICE")


def generate() -> dict[str, str]:
    """A fresh value for every secret variable, and the passwords of our own servers."""
    values = {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "BACKUP_DATABASE_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "CACHE_PASSWORD": secrets.token_urlsafe(24),
        "GRAFANA_PASSWORD": secrets.token_urlsafe(18),
        "PAYMENT_PROVIDER_KEY": secrets.token_urlsafe(32),
        "ORDER_LINK_KEYS": secrets.token_urlsafe(32),
        "ADMIN_PASSWORD": secrets.token_hex(6),
    }
    for service in SERVICES:
        values[f"{service.upper()}_SECRET_KEY"] = secrets.token_urlsafe(48)
        values[f"{service.upper()}_DATABASE_PASSWORD"] = secrets.token_urlsafe(24)
        values[f"{service.upper()}_OWNER_DATABASE_PASSWORD"] = secrets.token_urlsafe(24)
    for signer in SIGNERS:
        key = Ed25519PrivateKey.generate()
        values[f"{signer}_SIGNING_KEY"] = _base64url(key.private_bytes_raw())
        values[f"{signer}_PUBLIC_KEYS"] = _base64url(key.public_key().public_bytes_raw())
    return values


def kept(file: Path) -> dict[str, str]:
    """The values in `file`, which is created, or completed with what it lacks, on the way.

    The two keys of a signer belong together: a pair of which one half is lost is made anew.
    """
    found = read_variables(file)
    for signer in SIGNERS:
        pair = {f"{signer}_SIGNING_KEY", f"{signer}_PUBLIC_KEYS"}
        if not pair <= found.keys():
            found = {name: value for name, value in found.items() if name not in pair}
    values = generate() | found
    if values != found:
        lines = (f"{name}={value}\n" for name, value in sorted(values.items()))
        write_private(file, "".join(lines))
    return values


def read_variables(file: Path) -> dict[str, str]:
    """NAME=value lines of a file; comments, blank lines and quotes around a value are dropped."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
    except FileNotFoundError:
        return {}
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value


def given() -> dict[str, str]:
    """What the user sets: the environment, and below it a file .env in the repository."""
    return read_variables(ROOT / ".env") | dict(os.environ)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
