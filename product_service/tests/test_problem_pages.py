"""The `type` of a problem leads to a page that says what to do."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.html import escape

from chassis.conf import ROOT
from chassis.problems import catalogue

GUIDE = (ROOT / "docs" / "api.md").read_text()


def documented(*headings: str) -> set[str]:
    """The rows of these tables in docs/api.md."""
    tables = [GUIDE.split(f"\n### {each}\n")[1].partition("\n### ")[0] for each in headings]
    return {row for table in tables for row in table.splitlines() if row.startswith("| `")}


def test_the_guide_lists_every_code_as_the_pages_do() -> None:
    rows = {
        f"| `{code}` | {kind.status} | {' '.join((kind.__doc__ or '').split())} |"
        for code, kind in catalogue().items()
    }
    assert documented("Both services", "product_service") == rows


@pytest.mark.parametrize("code", catalogue())
def test_every_code_has_a_page_that_says_what_to_do(client: Client, code: str) -> None:
    kind = catalogue()[code]
    assert kind.__doc__, "a code without an explanation"
    page = client.get(f"/errors/{code}")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert kind.code in page.content.decode()
    text = re.sub(r"</?code>", "", page.content.decode())
    assert escape(kind.__doc__.replace("`", "")) in text
    assert f'href="/errors/{code}"' in client.get("/errors/").content.decode()


def test_type_of_a_problem_leads_to_its_page(client: Client) -> None:
    for answer in (client.get("/v1/nowhere"), client.delete("/v1/quotes")):
        assert client.get(answer.json()["type"]).status_code == 200
    assert client.get("/errors/no-such-code").status_code == 404
