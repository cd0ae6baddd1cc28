"""Texts that a spreadsheet would take for a formula, made harmless and read back as they were.

=1+1    '=1+1
'=1+1   ''=1+1
"""

from __future__ import annotations

import re

DANGEROUS = tuple("=+-@\t\r'")
# Control characters that XML cannot hold.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def escaped(text: str) -> str:
    text = UNWRITABLE.sub("", text)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def unescaped(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith(DANGEROUS) else text
