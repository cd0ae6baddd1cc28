"""A name that a stranger may own is no address of a small server of ours."""

from __future__ import annotations

import pytest

from chassis.hosts import is_ours

SAFE = (
    *(
        "",
        "localhost",
        "localhost:9100",
        "127.0.0.1:9100",
        "10.244.3.7:9100",
        "[::1]:9100",
        "[::1]",
    ),
    *("sandbox", "mail:8025", "order-worker-metrics:9100", "localhost."),
    *("mail.techcommerce.svc", "mail.techcommerce.svc.cluster.local:8025", "Bank.Example:8003"),
)
FOREIGN = (
    *("evil.example", "evil.example:9100", "127.0.0.1.evil.example", "localhost.evil.example"),
    *("svc.evil.example", "evil-svc.example", "mail.local", "127.1.evil.example:1", "EVIL.EXAMPLE"),
    *("0x7f.1.example", "other.bank.example", "[evil.example]", "evil.example.", "a.svc.b"),
)


@pytest.mark.parametrize("host", SAFE)
def test_addresses_single_labels_and_own_names_are_ours(host: str) -> None:
    assert is_ours(host, "bank.example")


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_not(host: str) -> None:
    assert not is_ours(host, "bank.example")
