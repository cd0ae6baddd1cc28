"""The smoke test from inside a cluster, where no certificate is: as the proxy in front asks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from deploy.local.ports import any_free
from deploy.local.shop import programs
from tests.e2e.test_smoke import smoke
from tests.faults.members import Members
from tests.shop import Shop

PUBLIC = "https://shop.example.org"


@pytest.fixture(scope="module")
def secure_storefront(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second storefront, whose cookies are for HTTPS and whose only name is the public one."""
    folder = tmp_path_factory.mktemp("storefront")
    web, metrics = any_free(2)
    ports = {**shop.ports, "storefront": web, "storefront-metrics": metrics}
    told = {**shop.variables("storefront"), "PUBLIC_URL": PUBLIC, "WEB_WORKERS": "1"}
    told |= {"ALLOWED_HOSTS": "shop.example.org"}
    program = next(each for each in programs(told, ports, shop.folder) if each.name == "storefront")
    own = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    members = Members(folder)
    try:
        members.start([dataclasses.replace(program, environment={**program.environment, **own})])
        yield f"http://127.0.0.1:{web}"
    finally:
        members.stop()


def test_buys_under_the_public_name(secure_storefront: str) -> None:
    code, said = smoke(secure_storefront, "--behind", PUBLIC)
    assert (code, said[:9]) == (0, "order TC-")


def test_without_that_name_nothing_is_kept_for_a_shopper(secure_storefront: str) -> None:
    code, said = smoke(secure_storefront, "--seconds", "5")
    assert code == 1
    assert said.startswith("putting it into the cart: 403 ")
