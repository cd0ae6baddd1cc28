"""Import and export as staff meet them: pages, buttons and downloads."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from product_service.jobs import actions as jobs
from product_service.tests.backoffice.test_admin_pages import assert_nothing_inline
from product_service.tests.factories import make_product
from product_service.tests.transfer.files import csv_of, finished, texts, uploaded
from product_service.transfer.actions.upload import SMALL_BYTES
from product_service.transfer.models import Import, State

pytestmark = pytest.mark.django_db(transaction=True)
IMPORTS = "/admin/transfer/import/"


def page_of(of: Import) -> str:
    return f"{IMPORTS}{of.pk}/change/"


def upload(client: Client, content: bytes, note: str = "") -> Import:
    file = SimpleUploadedFile("prices.csv", content)
    response = client.post(f"{IMPORTS}add/", {"upload": file, "note": note})
    of = Import.objects.get()
    assert (response.status_code, response["Location"]) == (302, page_of(of))
    return of


def with_rights(*codenames: str) -> Client:
    user = User.objects.create(username="carl", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_a_file_is_looked_at_imported_and_undone(anna: Client) -> None:
    make_product(sku="A-1", price="10.00")
    make_product(sku="A-2", price="10.00")
    rows = ({"sku": "A-1", "price": "12"}, {"sku": "A-2", "price": "x"})
    of = upload(anna, csv_of(*rows), note="New list")
    page = anna.get(page_of(of)).content.decode()
    assert "<del>10.00</del> → <ins>12.00</ins>" in page
    assert "price: Enter a number like 1299.50" in page
    assert 'value="Import 1 row"' in page
    assert texts("A-1")["price"] == "10.00"

    page = anna.post(page_of(of), {"_apply": "1"}, follow=True).content.decode()
    assert "Imported: 1 rows." in page
    assert texts("A-1")["price"] == "12.00"
    history = anna.get(f"{IMPORTS}{of.pk}/history/").content.decode()
    assert "Imported: 1 rows. New list" in history

    anna.post(page_of(of), {"_undo": "1"})
    assert texts("A-1")["price"] == "10.00"
    page = anna.post(page_of(of), {"_undo": "1"}, follow=True).content.decode()
    assert "Somebody else was faster" in page


def test_warnings_are_looked_at_first(anna: Client) -> None:
    make_product(sku="A-1", price="10.00")
    of = upload(anna, csv_of({"sku": "A-1", "price": "1000"}))
    page = anna.post(page_of(of), {"_apply": "1"}).content.decode()
    assert "Look at the warnings" in page
    assert texts("A-1")["price"] == "10.00"
    anna.post(page_of(of), {"_apply": "1", "has_looked": "on"})
    assert texts("A-1")["price"] == "1000.00"


def test_a_discarded_file_cannot_be_imported(anna: Client) -> None:
    make_product(sku="A-1", price="10.00")
    of = upload(anna, csv_of({"sku": "A-1", "price": "12"}))
    anna.post(page_of(of), {"_discard": "1"})
    anna.post(page_of(of), {"_apply": "1"})
    assert texts("A-1")["price"] == "10.00"


def test_a_large_file_is_left_to_the_worker(anna: Client) -> None:
    make_product(sku="A-1", price="10.00")
    rows = [{"sku": f"B-{number}", "name": "x" * 60} for number in range(SMALL_BYTES // 60)]
    of = upload(anna, csv_of({"sku": "A-1", "price": "12", "name": ""}, *rows))
    assert of.state == State.CHECKING
    page = anna.get(page_of(of)).content.decode()
    assert "It begins within seconds." in page
    assert re.search(r'<noscript><meta http-equiv="refresh" content="3"></noscript>', page)
    assert of.job is not None
    assert jobs.work(of.job.pk, seconds=0)
    page = anna.get(page_of(of)).content.decode()
    assert f"250 of {len(rows) + 1:,} rows checked." in page
    finished(of)
    assert 'value="Import 1 row"' in anna.get(page_of(of)).content.decode()


def test_a_file_that_cannot_be_read_says_why(anna: Client) -> None:
    of = upload(anna, b"sku,prise\nA,1\n")
    assert "Did you mean “price”?" in anna.get(page_of(of)).content.decode()
    assert anna.get(f"{IMPORTS}{of.pk}/errors.csv").status_code == 404


def test_the_rows_with_errors_are_mended_in_a_file_of_their_own(anna: Client) -> None:
    make_product(sku="A-1", price="10.00")
    of = upload(anna, csv_of({"sku": "A-1", "price": "x"}, {"sku": "A-1", "price": "=1"}))
    content = anna.get(f"{IMPORTS}{of.pk}/errors.csv").content.decode("utf-8-sig")
    assert content.splitlines()[0] == "sku,price,problem"
    mended = content.replace("A-1,x,", "A-1,12,").splitlines()[:2]
    again = uploaded(content="\n".join(mended).encode())
    assert again.rows.get().changes == {"price": ["10.00", "12.00"]}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_changes_nothing_when_it_is_uploaded(anna: Client, kind: str) -> None:
    make_product(sku="A-1", price="10.00")
    response = anna.get(f"{IMPORTS}export/{kind}/")
    assert f'.{kind}"' in response["Content-Disposition"]
    assert uploaded(content=response.content).counts == {"unchanged": 1, "warnings": 0}


def test_a_template_has_the_heading_alone(anna: Client) -> None:
    content = anna.get(f"{IMPORTS}template/csv/").content.decode("utf-8-sig")
    assert content.startswith("sku,product,name,")
    assert len(content.splitlines()) == 1
    assert anna.get(f"{IMPORTS}template/pdf/").status_code == 404


VIEW = ("view_import", "view_product")
WORK = (*VIEW, "add_import", "change_import", "change_product")


@pytest.mark.parametrize(
    ("rights", "may_see", "may_upload", "may_import"),
    [
        ((), False, False, False),
        (VIEW, True, False, False),
        ((*VIEW, "add_import", "change_import"), True, False, False),
        (WORK, True, True, False),
        ((*WORK, "change_stockitem"), True, True, True),
    ],
)
def test_who_may_do_what(
    rights: Iterable[str], may_see: bool, may_upload: bool, may_import: bool
) -> None:
    make_product(sku="A-1", price="10.00", stock=3)
    of = uploaded({"sku": "A-1", "on_hand": "4"})
    carl = with_rights(*rights)
    assert (carl.get(IMPORTS).status_code == 200) == may_see
    assert (carl.get(f"{IMPORTS}add/").status_code == 200) == may_upload
    assert (carl.get(f"{IMPORTS}export/csv/").status_code == 200) == may_see
    page = carl.get(page_of(of))
    assert (page.status_code == 200) == may_see
    if may_see:
        assert (b"_apply" in page.content) == may_upload
    carl.post(page_of(of), {"_apply": "1"})
    assert (texts("A-1")["on_hand"] == "4") == may_import


def test_the_pages_have_nothing_inline(anna: Client) -> None:
    make_product(sku="A-1", price="10.00")
    of = upload(anna, csv_of({"sku": "A-1", "price": "1000"}, {"sku": "A-2"}))
    for address in (IMPORTS, f"{IMPORTS}add/", page_of(of), "/admin/jobs/job/"):
        assert_nothing_inline(anna.get(address))
