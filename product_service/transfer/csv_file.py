"""CSV as spreadsheets write it: UTF-8 with or without its mark, UTF-16, Windows-1252; separated by
commas, semicolons, tabs or bars."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator

from product_service.jobs.kinds import JobRefused

SEPARATORS = ",;\t|"
UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def rows(content: bytes, names: Collection[str]) -> Iterator[list[str]]:
    """The rows of the text. Raises JobRefused; the separator is the one that leaves most of
    `names` in the heading."""
    text = _text(content)
    heading = text[: text.find("\n")] if "\n" in text else text
    separator = max(SEPARATORS, key=lambda each: _known(heading, each, names))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise JobRefused(
            f"Row {reader.line_num} cannot be read: {error}. Is a quote not closed?"
        ) from None


def _known(heading: str, separator: str, names: Collection[str]) -> int:
    cells = (cell.strip().strip('"').lower() for cell in heading.split(separator))
    return sum(cell in names for cell in cells)


def _text(content: bytes) -> str:
    text = _decoded(content)
    if "\x00" in text:
        raise JobRefused("The file is no text. Save it as CSV or XLSX.")
    return text


def _decoded(content: bytes) -> str:
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return _strictly(content, encoding)
    if content[1:2] == b"\x00":
        return _strictly(content, "utf-16-le")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    if UTF8_SEQUENCE.search(content):
        raise JobRefused(
            f"The file mixes two encodings; row {line} is not UTF-8 as others are. Save it as"
            " “CSV UTF-8”."
        )
    return _strictly(content, "cp1252")


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise JobRefused(
            f"Row {line} has characters that cannot be read. Save the file as “CSV UTF-8”."
        ) from None
