"""Lines of text from a keyboard or a scanner, read as counts.

MUG-1           one piece: what a scanner types
MUG-1 12        twelve pieces; also MUG-1;12 or with a tab
mug-1 3         capitals do not matter; lines of one variant are added up
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from django.core.exceptions import ValidationError

from product_service.catalogue.models import Variant
from product_service.stocktake.models import MOST_PIECES

LINE = re.compile(r"(\S+?)(?:(?:\s*[;,]\s*|\s+)(\d{1,7}))?")
MOST_LINES_AT_ONCE = 1000
CODES = ("sku",)  # columns of a variant by which a code may name it


def read_counts(text: str) -> dict[int, int]:
    """Pieces by variant. Raises ValidationError that names each line that cannot be read."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line]
    if len(lines) > MOST_LINES_AT_ONCE:
        raise ValidationError(f"Send {MOST_LINES_AT_ONCE} lines at once at most.")
    read = [(number, line, LINE.fullmatch(line)) for number, line in lines]
    known = variants_by_code(found[1] for _, _, found in read if found)
    pieces: Counter[int] = Counter()
    errors = []
    for number, line, found in read:
        variant_id = known.get(found[1].upper()) if found else None
        if found is None or variant_id is None:
            errors.append(_error(number, line, known=found is None))
            continue
        pieces[variant_id] += int(found[2] or 1)
    errors += [
        f"At most {MOST_PIECES:,} pieces can be counted."
        for n in pieces.values()
        if n > MOST_PIECES
    ]
    if errors:
        raise ValidationError(errors)
    return dict(pieces)


def variants_by_code(codes: Iterable[str]) -> dict[str, int]:
    """The variant of each code that names one."""
    asked = {code.upper() for code in codes}
    return {
        code: pk
        for column in CODES
        for code, pk in Variant.objects.filter(**{f"{column}__in": asked}).values_list(column, "pk")
    }


def _error(number: int, line: str, *, known: bool) -> str:
    if known:
        return f"Line {number}, “{line[:80]}”: write a SKU, a space and how many."
    return f"Line {number}, “{line[:80]}”: no variant has this SKU."
