"""A worker that is killed in the middle of an import leaves whole batches, and the next goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from django.db import connection

from deploy.local.folder import ROOT
from product_service.inventory.models import StockItem, StockMovement
from product_service.tests.factories import make_category, make_product, make_variant
from product_service.tests.transfer.files import anna, finished, texts, undone, uploaded
from product_service.transfer.actions import apply as applying
from product_service.transfer.models import Import, Outcome, State
from product_service.transfer.snapshot import known_variants

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 4 * applying.BATCH
# Works on the job, and dies when the batch of its second argument is written and not committed.
WORKER = """
import os, signal, sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[3]
django.setup()
from product_service.jobs import actions
from product_service.transfer.actions import apply
real, batches = apply.do, []
def deadly(of, rows):
    real(of, rows)
    batches.append(rows)
    if len(batches) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
apply.do = deadly
actions.work(int(sys.argv[1]), seconds=60)
"""


def work_until_killed(of: Import, batch: int) -> None:
    assert of.job is not None
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-c", WORKER, str(of.job.pk), str(batch), name]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()[-500:]


def finished_by_the_next(of: Import) -> Import:
    """PostgreSQL takes a moment to see that a worker is gone; until then its job is locked."""
    deadline = time.monotonic() + 20
    while finished(of).state == State.IMPORTING and time.monotonic() < deadline:
        time.sleep(0.05)
    return of


@pytest.mark.parametrize("batch", [1, 3])
def test_kill_9_leaves_whole_batches_and_the_next_worker_goes_on(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_category("lamps")
    product = make_product(sku="A-0", price="10.00", stock=5)
    old = [f"A-{number}" for number in range(1, 30)]
    for number, sku in enumerate(old):
        make_variant(product, sku, price="10.00", stock=5, options={"colour": str(number)})
    new = [f"B-{number}" for number in range(ROWS - len(old))]
    of = uploaded(
        *({"sku": sku, "price": "12", "on_hand": "7"} for sku in old),
        *(
            {"sku": sku, "name": sku, "brand": "B", "category": "lamps", "price": "5"}
            | {"on_hand": "3", "published": "yes"}
            for sku in new
        ),
    )
    monkeypatch.setattr("product_service.jobs.actions.work", lambda *_, **__: False)
    applying.apply(of, user=anna())
    monkeypatch.undo()
    of.refresh_from_db()
    before = StockMovement.objects.count()
    work_until_killed(of, batch)
    whole = (batch - 1) * applying.BATCH
    assert StockMovement.objects.count() - before == whole
    assert of.rows.filter(outcome=Outcome.DONE).count() == whole
    of.refresh_from_db()
    assert of.state == State.IMPORTING
    assert finished_by_the_next(of).state == State.IMPORTED
    assert StockMovement.objects.count() - before == ROWS
    assert not StockItem.objects.drifted()
    assert {known.texts["price"] for known in known_variants(old).values()} == {"12.00"}
    assert len(known_variants(new)) == len(new)
    undone(of)
    assert {known.texts["on_hand"] for known in known_variants(new).values()} == {"0"}
    assert texts("A-1")["price"] == "10.00"
