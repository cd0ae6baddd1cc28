"""Who sends a delivery now: an advisory lock of PostgreSQL, under one name in all versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from zlib import crc32

from django.db import connection


@contextmanager
def locked(delivery_ids: Sequence[int]) -> Iterator[list[int]]:
    """Those that nobody else sends, until the end of the `with` block; never waits for one.

    The locks end with the session of a worker that dies, and hold no row and no transaction while
    the mail server is asked.
    """
    keys = [crc32(f"delivery.{each}".encode()) for each in delivery_ids]  # as advisory_lock's
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(key) FROM unnest(%s::bigint[]) key", [keys])
        held = [is_held for (is_held,) in cursor.fetchall()]
    try:
        yield [each for each, is_held in zip(delivery_ids, held, strict=True) if is_held]
    finally:
        ours = [key for key, is_held in zip(keys, held, strict=True) if is_held]
        if ours:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(key) FROM unnest(%s::bigint[]) key", [ours]
                )
