"""Mails that were sent, and a database that does not take that down at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError, connection

from order_service.notifications import sent
from order_service.notifications.actions import deliver_together
from order_service.tests.notifications.due_mails import mails, unsent
from order_service.tests.notifications.mail_servers import Post, serving

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_could_not_be_stored_is_stored_at_the_end(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "LONGEST_WAIT_SECONDS", 60.0)
    ids = mails(sent.GROUP + 2)
    post = Post()
    with serving(post, port):
        with connection.execute_wrapper(Interrupting()), pytest.raises(OperationalError):
            deliver_together(ids)
        assert len(unsent()) == 2
        assert deliver_together(ids)
    assert unsent() == set()
    assert set(Counter(post.recipients).values()) == {1}


class Interrupting:
    """Lets the first statement that stores sent mails fail."""

    def __init__(self) -> None:
        self.has_failed = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"sent_at" = STATEMENT_TIMESTAMP()' in sql and not self.has_failed:
            self.has_failed = True
            raise OperationalError("canceling statement due to lock timeout")
        return execute(sql, params, many, context)
