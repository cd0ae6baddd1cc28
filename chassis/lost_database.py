"""Whether a database that is away, or was lost on the way, stands behind an exception."""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout, ReadOnlySqlTransaction

# Connections that fail or end, pools without a free one, statements that PostgreSQL has cancelled,
# writes that a server refuses since another one has taken over; psycopg's own where Django did not
# wrap them. Other InternalErrors of psycopg are bugs.
AWAY = (
    *(OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError),
    *(IdleInTransactionSessionTimeout, ReadOnlySqlTransaction),
)


def lost_database(exc: BaseException | None) -> BaseException | None:
    """The database's own error behind `exc` if a repeat may help, else None.

    It is looked for in the whole chain, because others wrap it: a session that Django cannot save
    becomes SessionInterrupted, which would be the client's mistake. `from None` ends the chain.
    """
    seen: list[BaseException] = []
    while exc is not None and exc not in seen:
        if isinstance(exc, AWAY):
            return exc
        seen.append(exc)
        exc = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    return None
