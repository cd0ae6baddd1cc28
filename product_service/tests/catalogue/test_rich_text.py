"""What becomes of a description on its way to the shop."""

from __future__ import annotations

import pytest
from django.test import Client

from chassis.tests.back_office import Opened
from product_service.catalogue.rich_text import plain, rendered
from product_service.tests.factories import make_product

FORMATTED = [
    ("**bold** and *so*", "<p><strong>bold</strong> and <em>so</em></p>"),
    ("# One\n#### Four", "<h3>One</h3>\n<h4>Four</h4>"),
    ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
    ("one\ntwo", "<p>one<br>\ntwo</p>"),
    ("[us](https://a.example/)", '<a href="https://a.example/" rel="nofollow noopener">us</a>'),
    ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"),
]
HOSTILE = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://a.example/x.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '[x](https://a.example/"onmouseover=alert(1))',
    "<svg/onload=alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<https://a.example/><style>a{}</style>",
]


@pytest.mark.parametrize(("text", "made"), FORMATTED)
def test_a_part_of_markdown_is_taken(text: str, made: str) -> None:
    assert made in rendered(text, is_formatted=True)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("is_formatted", [True, False])
def test_nothing_that_runs_or_loads_comes_out(text: str, is_formatted: bool) -> None:
    made = rendered(text, is_formatted).lower()

    for sign in ("<script", "<img", "<svg", "<style", 'href="javascript', 'href="data', '" on'):
        assert sign not in made


def test_a_text_that_is_not_formatted_keeps_its_marks_and_lines() -> None:
    text = "# 1 of *them*\n\n- 5 < 6\nend"

    assert rendered(text, is_formatted=False) == "<p># 1 of *them*</p>\n\n<p>- 5 &lt; 6<br>end</p>"
    assert plain(text, is_formatted=False) == text
    assert plain("# A\n\n**b** &amp; c", is_formatted=True) == "A\nb &amp; c"


@pytest.mark.django_db
def test_the_form_shows_and_saves_it(admin_client: Client, client: Client) -> None:
    product = make_product(description="*kept*")
    address = f"/v1/products/{product.slug}"
    assert client.get(address).json()["description_html"] == "<p>*kept*</p>"
    asked = {"description": "*new*", "is_formatted": "on"}

    shown = admin_client.post("/admin/catalogue/product/describe/", asked).json()

    assert shown == {"html": "<p><em>new</em></p>\n"}
    assert Opened(admin_client, product).save(**asked).status_code == 302
    client.get("/v1/catalogue/version")
    product.refresh_from_db()
    assert (product.description, product.is_formatted) == ("*new*", True)
    assert client.post("/admin/catalogue/product/describe/", asked).status_code == 403
