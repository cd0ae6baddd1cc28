"""The product list, warm and cold, against a bare Django view under the same gunicorn settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

from bench.load import Load, get_repeatedly
from deploy.local.folder import VENV_PYTHON
from deploy.local.ports import HOST, any_free
from deploy.local.program import Program
from deploy.local.readiness import answers_http
from deploy.local.shop import GUNICORN
from tests.faults.system import System

SECONDS = 4.0
LIST = "/v1/products"
BARE = "bare"


@dataclass(frozen=True)
class Served:
    """A load, and what it cost the server."""

    load: Load
    cpu_ms: float  # of the server for each request: steadier than a rate on a busy machine


def compare(system: System) -> dict[str, Served]:
    """The bare view, the warm list, the bare view again, and the cold list.

    The bare view is measured before and after, for a machine that others use as well; the mean
    of both is what the list is held against.
    """
    shop, name = system.catalogue_url, "product_service"
    size = get_repeatedly(shop, [LIST], seconds=0.5).body_bytes
    with bare_view(system, size) as url:
        before = _serve(system, BARE, url, ["/"], SECONDS)
        warm = _serve(system, name, shop, [LIST], SECONDS)
        after = _serve(system, BARE, url, ["/"], SECONDS)
    cold = _serve(system, name, shop, list(_unlike_paths()), SECONDS / 2)
    return {"bare": before, "bare again": after, "warm": warm, "cold": cold}


def _serve(system: System, server: str, url: str, paths: list[str], seconds: float) -> Served:
    used = system.members.cpu_seconds()[server]
    load = get_repeatedly(url, paths, seconds=seconds)
    used = system.members.cpu_seconds()[server] - used
    return Served(load, used * 1000 / load.count)


@contextmanager
def bare_view(system: System, size: int) -> Iterator[str]:
    """The bare project under gunicorn with product_service's workers."""
    (port,) = any_free(1)
    own = {"PORT": str(port), "BARE_BYTES": str(size), "WEB_THREADS": "1", "WEB_WORKERS": "2"}
    program = Program(
        name=BARE,
        argv=(str(VENV_PYTHON), "-m", *GUNICORN, "bench.bare:application"),
        environment={"PATH": os.environ.get("PATH", os.defpath), **own},
        is_ready=answers_http(port, "/"),
        stage=1,
    )
    system.members.start([program])
    try:
        yield f"http://{HOST}:{port}"
    finally:
        system.members.kill(BARE, hold=True)


def _unlike_paths() -> Iterator[str]:
    """Lists of about 24 products that were never asked for before, so nothing is ready."""
    sorts, sizes, pages = ("newest", "price", "-price", "name"), range(20, 29), range(1, 7)
    for page, size, sort, stock in product(pages, sizes, sorts, ("", "&in_stock=1")):
        yield f"{LIST}?sort={sort}&page_size={size}&page={page}{stock}"
