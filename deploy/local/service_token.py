"""`make token`: a service token for the running shop, alone on standard output.

    TOKEN=$(make -s token)
    TOKEN=$(make -s token ARGS="--issuer order_service --scope reservations")

It is signed with the key of the issuer, which is in the run folder and is never shown.
"""

from __future__ import annotations

import argparse
import sys

from chassis.auth import LIFETIME_SECONDS, TokenSigner
from deploy.local.failures import Expected
from deploy.local.folder import RunFolder

# Issuer: the service that accepts its tokens, and what most calls to it need. What an issuer may
# claim stands in SERVICE_ISSUERS of the settings of that service.
SUBJECTS = ("guest", "user", "service")
USUAL = {
    "storefront": ("order_service", "guest:reader", "orders"),
    "order_service": ("product_service", "service:order_service", "reservations"),
}


def main(arguments: list[str]) -> int:
    """Print a token and nothing else: a refusal goes to standard error."""
    wanted = _parser().parse_args(arguments)
    audience, subject, scope = USUAL[wanted.issuer]
    why = "A token is signed with a key that the first start of the shop generates."
    try:
        variables = RunFolder.default().environment(why)
    except Expected as failure:
        sys.stderr.write(f"Failed: {failure}\n")
        return 1
    signer = TokenSigner(wanted.issuer, variables[f"{wanted.issuer.upper()}_SIGNING_KEY"])
    token = signer.mint(
        wanted.audience or audience,
        wanted.subject or subject,
        scope if wanted.scope is None else wanted.scope,
        seconds=wanted.seconds,
    )
    sys.stdout.write(f"{token}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make token", description=__doc__.splitlines()[0])
    parser.add_argument("--issuer", choices=USUAL, default="storefront", help="who calls")
    parser.add_argument("--audience", help="the service that is called")
    parser.add_argument("--subject", type=_subject, help="for whom, for example guest:ada")
    parser.add_argument("--scope", help="what for; several are separated by spaces")
    parser.add_argument(
        "--seconds", type=_seconds, default=LIFETIME_SECONDS, help="until it expires, 60 at most"
    )
    return parser


def _subject(text: str) -> str:
    kind, _, name = text.partition(":")
    if kind not in SUBJECTS or not name:
        kinds = ", ".join(f"{each}:<name>" for each in SUBJECTS)
        raise argparse.ArgumentTypeError(f"give one of {kinds}")
    return text


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LIFETIME_SECONDS):
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to {LIFETIME_SECONDS}")
    return int(text)
