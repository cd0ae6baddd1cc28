"""Which files are read, how, and the sentences for those that are not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
from openpyxl import Workbook

from product_service.jobs.models import State as JobState
from product_service.tests.factories import make_category, make_product, make_variant
from product_service.tests.transfer.files import (
    csv_of,
    exported,
    imported,
    only_row,
    problems,
    texts,
    uploaded,
)
from product_service.transfer import xlsx
from product_service.transfer.columns import COLUMNS
from product_service.transfer.escaping import escaped, unescaped
from product_service.transfer.exporting import lines
from product_service.transfer.models import State

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Häkelnadel für Öfen"


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def refusal(content: bytes) -> str:
    of = uploaded(content=content)
    assert of.job is not None
    assert (of.state, of.job.state, of.rows.count()) == (State.CHECKING, JobState.FAILED, 0)
    return of.job.problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_texts_are_read_as_spreadsheets_write_them(encoding: str, separator: str) -> None:
    make_product(sku="A-1", name="Old")
    content = csv_of({"sku": "A-1", "name": NAME}, separator=separator).decode().encode(encoding)
    assert only_row(uploaded(content=content)).changes == {"name": ["Old", NAME]}


def test_cells_of_a_workbook_are_read_as_they_are_meant() -> None:
    make_product(sku="A-1", price="10.00")
    make_product(sku="12345", price="10.00", stock=1)
    of = uploaded(
        content=workbook(
            ["SKU", "Price", "On hand", "Published", None],
            ["A-1", 1.234, None, None],
            [12345, 1299.5, 7.0, False],
            [None, None],
        )
    )
    assert problems(of) == [(2, "price", "Ensure that there are no more than 2 decimal places.")]
    assert of.rows.get(sku="12345").changes == {
        "price": ["10.00", "1299.50"],
        "on_hand": ["1", "7"],
        "published": ["yes", "no"],
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"sku,price\n", "The file has a heading and no row."),
        (b"price\n1\n", "one of them must be “sku”"),
        (b"sku,prise\nA,1\n", "No column is called “prise”. Did you mean “price”?"),
        (b"sku,price,price\nA,1,2\n", "The column “price” is there twice."),
        (b"sku,price\nA,1,2\n", "Row 2 has more cells than the heading."),
        (b'sku,name\nA,"x\n', "Is a quote not closed?"),
        ("sku,name\nA,ä\n".encode() + b"B,\xe4\n", "The file mixes two encodings; row 3"),
        (b"sku\n" + b"A\n" * 20_001, "The file has more than 20,000 rows."),
        (b"sku,name\nA," + b"x" * 20_001, "Row 2 has a cell with more than 20,000 characters."),
        (b"sku\n" + b"x" * 10 * 1024 * 1024, "The file is larger than 10 MB."),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "The file is no text."),
        (b"PK\x03\x04 but no zip", xlsx.UNREADABLE),
    ],
)
def test_what_is_no_table_of_ours_is_told(content: bytes, sentence: str) -> None:
    assert sentence in refusal(content)


def test_a_zip_bomb_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (xlsx.MOST_UNPACKED + 1))
    assert len(buffer.getvalue()) < 100_000
    assert "larger than 48 MB" in refusal(buffer.getvalue())


def test_a_zip_that_is_no_workbook_is_told() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(buffer.getvalue()) == xlsx.UNREADABLE


WRONG: list[tuple[Mapping[str, str], str, str]] = [
    ({"sku": "", "price": "1"}, "sku", "Every row needs the SKU"),
    ({"sku": "a b", "price": "1"}, "sku", "Use A-Z"),
    ({"sku": "A-1", "price": "1.000"}, "price", "can mean 1 or 1000"),
    ({"sku": "A-1", "price": "free"}, "price", "Enter a number like 1299.50"),
    ({"sku": "A-1", "prior_price": "3"}, "prior_price", "must be higher than the price"),
    ({"sku": "A-1", "category": "nowhere"}, "category", "There is no category"),
    ({"sku": "A-1", "tax_class": "high"}, "tax_class", "Write one of: standard"),
    ({"sku": "A-1", "published": "maybe"}, "published", "Write yes or no."),
    ({"sku": "A-1", "options": "size=XL"}, "options", "No option is called size."),
    ({"sku": "A-1", "options": "{"}, "options", "Write options like"),
    ({"sku": "A-1", "on_hand": "-1"}, "on_hand", "greater than or equal to 0"),
    ({"sku": "A-1", "name": "[clear]"}, "name", "it always has a value"),
    ({"sku": "A-1", "product": "other"}, "product", "This SKU belongs to"),
    ({"sku": "A-2", "name": "New"}, "brand", "A new row needs it."),
    ({"sku": "A-1", "name": "x" * 201}, "name", "at most 200 characters"),
]


@pytest.mark.parametrize(("row", "column", "sentence"), WRONG)
def test_an_error_names_its_column(row: dict[str, str], column: str, sentence: str) -> None:
    make_product(sku="A-1", price="10.00")
    found = {name: text for _, name, text in problems(uploaded(row))}
    assert sentence in found[column]


def test_rows_of_one_file_must_agree() -> None:
    product = make_product(sku="A-1", price="10.00")
    make_variant(product, "A-2", options={"colour": "Red"})
    of = uploaded(
        {"sku": "A-1", "name": "One"},
        {"sku": "A-2", "name": "Two"},
        {"sku": "A-1", "name": "One"},
    )
    assert [(number, column) for number, column, _ in problems(of)] == [(3, "name"), (4, "sku")]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ({"sku": "A-1", "price": "1000"}, "price", "100 times the price: 10.00 now, 1000.00."),
        ({"sku": "A-1", "price": "1"}, "price", "90 % less: 10.00 now, 1.00."),
        ({"sku": "A-1", "on_hand": "3"}, "on_hand", "10 on the books, 3 in the file."),
    ],
)
def test_a_jump_is_warned_of(row: dict[str, str], column: str, sentence: str) -> None:
    make_product(sku="A-1", price="10.00", stock=10)
    of = uploaded(row)
    assert of.counts == {"changed": 1, "warnings": 1}
    assert only_row(of).warnings == [[column, sentence]]


def make_catalogue() -> None:
    product = make_product(sku="A-1", name="=cmd|'/c calc'!A0", description="One\r\ntwo, “three”; ")
    make_variant(product, "A-2", price="1299.00", prior="1500", options={"colour": "Red; dark"})
    make_product(sku="A-3", name="'quoted", keywords="@home +1 -2", is_published=False)
    make_product(sku="A-4", category=make_category(name=NAME), brand="\tTab", stock=0)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_round_trip_changes_nothing(kind: str) -> None:
    make_catalogue()
    content = exported() if kind == "csv" else xlsx.workbook(COLUMNS, lines())
    assert uploaded(content=content).counts == {"unchanged": 4, "warnings": 0}


def test_no_cell_of_an_export_is_a_formula() -> None:
    make_catalogue()
    cells = [cell for row in xlsx.rows(xlsx.workbook(COLUMNS, lines())) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert b"'=cmd|" in exported()


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'a", "'", "-5", "plain", "", "@x", "'-"])
def test_escaping_is_read_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_a_name_that_looks_like_a_formula_stays_what_it_is() -> None:
    make_product(sku="A-1", name="Old")
    imported({"sku": "A-1", "name": "'=1+1"})
    assert texts("A-1")["name"] == "=1+1"
