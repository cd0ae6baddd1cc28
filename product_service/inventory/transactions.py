"""Transactions that PostgreSQL may ask to repeat."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg import errors

from chassis.logs import get_logger

log = get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

RETRIES = 2
REPEATABLE = (errors.SerializationFailure, errors.DeadlockDetected)  # 40001, 40P01
# 55P03, 57014 (rows that are waited for one after the other), and what repeating did not help.
LOCKED = (errors.LockNotAvailable, errors.QueryCanceled, *REPEATABLE)


def in_transaction(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` in one transaction; repeat it twice when PostgreSQL asks for that."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(RETRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.__cause__, REPEATABLE):
                    raise
                log.warning("transaction repeated", function=function.__name__)
        with transaction.atomic():
            return function(*args, **kwargs)

    return wrapper


def wait_at_most(seconds: float) -> None:
    """For a lock, or for many in one statement a little longer; until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true),"
            " set_config('statement_timeout', %s, true)",
            [f"{1000 * seconds:.0f}", f"{1000 * seconds + 300:.0f}"],
        )
