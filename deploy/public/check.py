"""Looks at the settings of a shop at its own domain before anything starts.

    docker compose config --format json | python3 -m deploy.public.check [--no-dns]

Prints the shop's address, or a line for each setting that is wrong. --no-dns does not ask whether
the names have an address. Exit code: 0 good, 2 refused.
"""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from chassis.environment import Environment, WrongSettings

LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
DOMAIN = re.compile(rf"(?=.{{4,253}}$)({LABEL}\.)+(?!\d+$){LABEL}")
EXAMPLES = re.compile(r"(^|[.@])example\.(com|net|org)>?$")
MAIL_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
HSTS = re.compile(r"max-age=\d{1,9}(; includeSubDomains(; preload)?)?")
NAMES = {"CATALOGUE_ADMIN": "CATALOGUE_ADMIN_DOMAIN", "ORDERS_ADMIN": "ORDERS_ADMIN_DOMAIN"}
HOST_NAME = "a host name of yours in small letters, without scheme and port, like shop.my-shop.com"


def troubles(config: Mapping[str, Any], has_address: Callable[[str], bool]) -> Iterator[str]:
    """What is wrong with the settings and the secrets of `config`, a sentence each."""
    proxy = config["services"]["proxy"]["environment"]
    yield from _names(proxy, has_address)
    if not MAIL_ADDRESS.fullmatch(proxy["ACME_EMAIL"]) or EXAMPLES.search(proxy["ACME_EMAIL"]):
        yield f"ACME_EMAIL must be a mail address of yours, not {proxy['ACME_EMAIL']!r}"
    if not HSTS.fullmatch(proxy["HSTS"]):
        allowed = "max-age=SECONDS, with or without ; includeSubDomains and ; preload"
        yield f"HSTS must be {allowed}, not {proxy['HSTS']!r}"
    yield from _settings(config["services"]["order-worker"]["environment"])
    yield from _secrets(config["secrets"])


def _names(proxy: Mapping[str, str], has_address: Callable[[str], bool]) -> Iterator[str]:
    given = {"DOMAIN": proxy["DOMAIN"]} | {
        variable: proxy[name]
        for name, variable in NAMES.items()
        if not proxy[name].startswith("localhost:")  # no name: through an SSH tunnel
    }
    for variable, name in given.items():
        if not DOMAIN.fullmatch(name) or EXAMPLES.search(name):
            yield f"{variable} must be {HOST_NAME}, not {name!r}"
        elif not has_address(name):
            yield f"{variable}: {name} has no address in DNS yet; give it that of this server"
    if len(set(given.values())) < len(given):
        yield f"{' and '.join(given)} must be different names"


def _settings(variables: Mapping[str, str]) -> Iterator[str]:
    """Those that the shop's processes would refuse, in their own words."""
    env = Environment(variables)
    env.currency("STORE_CURRENCY", "EUR")
    env.zone("STORE_TIME_ZONE", "UTC")
    env.share("TAX_RATE", "0.19")
    env.address("PAYMENT_PROVIDER_URL")
    env.host("EMAIL_HOST", "")
    env.port("EMAIL_PORT", 587)
    if env.flag("EMAIL_USE_TLS") and env.flag("EMAIL_USE_SSL"):
        env.complain("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other: set one of them to 0")
    if not MAIL_ADDRESS.search(variables["EMAIL_FROM"]) or EXAMPLES.search(variables["EMAIL_FROM"]):
        env.refuse("EMAIL_FROM", "a sender like Shop <shop@my-shop.com>", variables["EMAIL_FROM"])
    owner = env.text("OWNER_EMAIL", "")
    if owner and (not MAIL_ADDRESS.search(owner) or EXAMPLES.search(owner)):
        env.refuse("OWNER_EMAIL", "an address like orders@my-shop.com, or empty", owner)
    try:
        env.finish()
    except WrongSettings as refusal:
        yield from refusal.wrong


def _secrets(secrets: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for name, secret in sorted(secrets.items()):
        file = Path(secret["file"])
        if not file.is_file():
            makes = "run python3 -m deploy.local secrets"
            if name == "EMAIL_PASSWORD":
                makes = "put the password of EMAIL_USER there"
            yield f"{file} is missing: {makes}"
        elif not file.stat().st_mode & 0o004:
            yield f"{file} must be readable by the containers' users: chmod 644 {file}"


def has_address(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443))
    except OSError:
        return False


def main(arguments: list[str]) -> int:
    config = json.load(sys.stdin)
    asks = (lambda name: True) if "--no-dns" in arguments else has_address
    if found := list(troubles(config, asks)):
        print(*(f"Refused: {each}." for each in found), sep="\n", file=sys.stderr)
        return 2
    print(f"https://{config['services']['proxy']['environment']['DOMAIN']}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
