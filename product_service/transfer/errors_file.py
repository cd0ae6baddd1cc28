"""The rows that are wrong, as a file to mend and upload again, with a column that says what is."""

from __future__ import annotations

from collections.abc import Iterator

from product_service.transfer.models import Import, Kind
from product_service.transfer.tables import open_table

PROBLEM = "problem"


def heading(of: Import) -> list[str]:
    return [*of.columns, PROBLEM]


def lines(of: Import) -> Iterator[list[str]]:
    wrong = dict(of.rows.filter(kind=Kind.ERROR).values_list("number", "problems"))
    for number, cells in open_table(bytes(of.content)).rows:
        if number in wrong:
            told = " ".join(f"{column}: {sentence}" for column, sentence in wrong[number])
            yield [*(cells.get(name, "") for name in of.columns), told]
