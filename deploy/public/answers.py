"""Waits until a shop answers at its public address, with a certificate that browsers trust.

    python3 -m deploy.public.answers https://shop.my-shop.com/ [SECONDS]

Exit code: 0 it does; 1 it does not within SECONDS (180), and the last line says why.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from http.client import HTTPException

PAUSE_SECONDS = 2.0


def main(address: str, seconds: float = 180.0) -> int:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=15) as answer:  # noqa: S310
                print(f"{address} answers with {answer.status}.")
                return 0
        except (OSError, HTTPException) as error:
            why = str(getattr(error, "reason", error)) or repr(error)
        if time.monotonic() > until:
            print(f"{address} does not answer: {why}", file=sys.stderr)
            return 1
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(float, sys.argv[2:3])))
