"""The catalogue as a file: all products that were not removed, a row a variant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from product_service.transfer.columns import COLUMNS
from product_service.transfer.escaping import escaped
from product_service.transfer.snapshot import known, variants

CHUNK = 500


def lines() -> Iterator[list[str]]:
    """Read in chunks, so that a large catalogue takes no more memory than a small one."""
    rows = variants().filter(product__deleted_at=None).order_by("product__slug", "position", "id")
    for variant in rows.iterator(chunk_size=CHUNK):
        texts = known(variant).texts
        yield [texts[name] for name in COLUMNS]


def csv_chunks(rows: Iterable[Iterable[str]], heading: Iterable[str] = COLUMNS) -> Iterator[bytes]:
    """UTF-8 with its mark, without which spreadsheets take it for something else."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heading)
    for number, row in enumerate(rows, start=1):
        writer.writerow(escaped(text) for text in row)
        if number % CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
