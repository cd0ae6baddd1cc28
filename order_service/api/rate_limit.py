"""How often number and e-mail address of an order may be guessed.

The storefront tells the shopper's address in the header Client-Address; nobody but the storefront
has a key that opens the look-up. Of one number, one address may try 5 at once and 60 an hour; all
addresses together may try more than that, so that one of them cannot use up the tries of others.
"""

from __future__ import annotations

from rest_framework.request import Request

from chassis.addresses import network_of
from chassis.limiter import Limit, take

HEADER = "Client-Address"
OF_NUMBER_HERE = Limit("look-up-number-address", size=5, refill_seconds=300)
OF_ADDRESS = Limit("look-up-address", size=30, refill_seconds=600)
OF_NUMBER = Limit("look-up-number", size=50, refill_seconds=600)


def count_guess(request: Request, number: str) -> None:
    """Raises TooManyRequests or LimiterUnavailable before the guess is looked at."""
    network = network_of(request.headers.get(HEADER, ""))
    take(
        [
            OF_NUMBER_HERE.bucket(number, network),
            OF_ADDRESS.bucket(network),
            OF_NUMBER.bucket(number),
        ]
    )
