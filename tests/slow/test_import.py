"""Ten thousand rows are imported while the shop is read: time, memory, and what readers notice.

Readers are measured in turn with and without the import in one run, because machines differ.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
import time
from collections.abc import Iterator

import psycopg
import pytest
import requests

from tests.faults import goods
from tests.faults.system import System

ROWS = 10_000
MOST_SECONDS = 60.0
MOST_BYTES = 256 * 1024 * 1024
MOST_SLOWER = 1.5
READ_SECONDS = 5.0
PATIENCE_SECONDS = 600.0
DONE = re.compile(r"Imported: (\d+) rows")


class Office(System):
    """product_service with its worker; nobody buys."""

    def __init__(self) -> None:
        super().__init__(hot={goods.HOT: 100}, has_proxy=False)

    def programs(self) -> list[str]:
        return ["product_service", "product-sweep", "product-worker"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['product_service']}"

    def start(self) -> None:
        super().start()
        self.manage("product_service", "seed_demo")
        password = self.secrets["ADMIN_PASSWORD"]
        self.manage("product_service", "ensure_staff", f"--password={password}")


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with Office() as office:
        yield office


class Anna:
    """A member of staff with a browser."""

    def __init__(self, office: Office) -> None:
        self._admin = f"{office.url}/admin/"
        self._session = requests.Session()
        self._post(
            "login/",
            {"username": "admin", "password": office.secrets["ADMIN_PASSWORD"], "next": "/admin/"},
        )

    def upload(self, content: bytes) -> str:
        return self._post("transfer/import/add/", {}, {"upload": ("rows.csv", content)}).url

    def press(self, page: str, button: str) -> None:
        self._post(page.removeprefix(self._admin), {button: "1", "has_looked": "on"})

    def is_waiting(self, page: str) -> bool:
        return "data-progress" in self._session.get(page).text

    def wait(self, page: str) -> str:
        """The page once its job is over."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if not self.is_waiting(page):
                return self._session.get(page).text
            time.sleep(0.5)
        raise TimeoutError(page)

    def _post(
        self,
        place: str,
        data: dict[str, str],
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> requests.Response:
        page = self._session.get(self._admin + place).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None
        answer = self._session.post(
            self._admin + place, {**data, "csrfmiddlewaretoken": found[1]}, files=files
        )
        assert answer.ok, answer.text[:500]
        return answer


def rows(price: int, pieces: int) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    names = "sku product name brand category description price on_hand published"
    writer.writerow(names.split())
    for number in range(ROWS):
        texts = (f"IMP-{number}", f"imp-{number}", f"Thing {number}", "Auralis", "audio")
        writer.writerow([*texts, f"Thing {number}. " * 10, f"{price}.90", pieces, "yes"])
    return buffer.getvalue().encode()


def p95(office: Office) -> float:
    """Of the shop's list, search and detail, in seconds."""
    paths = ["/v1/products", "/v1/products?page=2", "/v1/products?q=phone", "/v1/categories"]
    first = requests.get(f"{office.url}/v1/products").json()["items"]
    paths += [f"/v1/products/{item['slug']}" for item in first]
    taken: list[float] = []
    session, until = requests.Session(), time.monotonic() + READ_SECONDS
    while time.monotonic() < until:
        path = paths[len(taken) % len(paths)]
        began = time.perf_counter()
        assert session.get(office.url + path).status_code == 200
        taken.append(time.perf_counter() - began)
        time.sleep(0.01)
    return statistics.quantiles(taken, n=20)[-1]


def test_ten_thousand_rows_in_a_minute_and_the_shop_stays_quick(office: Office) -> None:
    anna = Anna(office)
    page = anna.upload(rows(20, 5))
    anna.wait(page)
    anna.press(page, "_apply")
    assert DONE.search(anna.wait(page))
    quiet = p95(office)
    began = time.monotonic()
    page = anna.upload(rows(22, 7))
    anna.wait(page)
    anna.press(page, "_apply")
    busy, memory = [], 0
    while anna.is_waiting(page):
        busy.append(p95(office))
        memory = max(memory, office.members.memory_bytes()["product-worker"])
    seconds = time.monotonic() - began
    print(f"{seconds:.0f} s, {memory / 2**20:.0f} MiB, p95 {quiet:.4f} s alone, {busy}")
    found = DONE.search(anna.wait(page))
    assert found is not None
    assert found[1] == str(ROWS)
    assert memory <= MOST_BYTES
    assert seconds <= MOST_SECONDS
    assert statistics.median(busy) <= MOST_SLOWER * quiet
    with psycopg.connect(office.products_database) as connection:
        wrong = connection.execute(
            "SELECT count(*) FROM stock_item s WHERE on_hand <> (SELECT coalesce(sum(d_on_hand), 0)"
            " FROM stock_movement m WHERE m.variant_id = s.variant_id)"
        ).fetchone()
    assert wrong == (0,)
