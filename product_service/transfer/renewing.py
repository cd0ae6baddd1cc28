"""Finished answers are renewed at most every few seconds while many batches change the catalogue.

Each new version makes every answer of the shop anew, so one a batch would cost shoppers more than
the import itself. A change shows after SECONDS at the latest; should the process be
killed before, finished answers live for 10 s.
"""

from __future__ import annotations

import time

from django.db import transaction

from product_service.catalogue.cache import bump_version

SECONDS = 4.0


class Renewing:
    def __init__(self) -> None:
        self._last = time.monotonic()

    def renew(self, *, is_last: bool) -> None:
        """After the commit of this batch, if it is time or there is no other batch."""
        if is_last or time.monotonic() - self._last >= SECONDS:
            self._last = time.monotonic()
            transaction.on_commit(bump_version)
