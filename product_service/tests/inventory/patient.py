"""An order service that asks again, as the real one does."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.db import connection

from product_service.tests.conftest import Answer, OrderService

FALSE_REFUSALS = """
SELECT l.reservation_id, l.sku FROM reservation_line l
WHERE l.seen_version IS NOT NULL AND (
    l.available_seen >= l.quantity
    OR l.available_seen <> (
        SELECT coalesce(sum(m.d_on_hand - m.d_reserved), 0) FROM stock_movement m
        WHERE m.variant_id = l.variant_id AND m.version <= l.seen_version) - (
        SELECT coalesce(sum(b.quantity), 0) FROM reservation_line b
        WHERE b.reservation_id = l.reservation_id AND b.variant_id = l.variant_id
            AND b.id < l.id AND b.seen_version IS NULL))
"""
UNEXPLAINED_REFUSALS = """
SELECT order_id FROM reservation r WHERE state = 'refused'
AND NOT EXISTS (SELECT FROM reservation_line l
    WHERE l.reservation_id = r.order_id AND l.seen_version IS NOT NULL)
"""


class PatientOrderService(OrderService):
    """Repeats a call after a 503, as order_service does: on a busy machine a lock may time out."""

    def call(
        self, method: str, order_id: uuid.UUID | str, body: Any = None, suffix: str = ""
    ) -> Answer:
        until = time.monotonic() + 60
        while True:
            answer = super().call(method, order_id, body, suffix)
            if answer.status != 503 or time.monotonic() > until:
                return answer
            connection.close()  # between requests gunicorn's worker would replace a lost one
