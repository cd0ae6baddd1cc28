"""Whether the server archives its write-ahead log, which all three databases are restored from.

Any of the shop's roles may ask; order_service does, since its dispatcher shows the figures.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from prometheus_client.core import GaugeMetricFamily

from chassis.metrics.figures import Figure, Figures

WAITING = Figure(
    "techcommerce_wal_archive_waiting_seconds",
    "Since when finished write-ahead log waits for the archive; 0 when none does. Not told by a "
    "server that archives nothing.",
)
# Segments are counted from 0; one name is 8 digits each of timeline, upper and lower part. The last
# archived file may be a history or a label, which says nothing about segments.
QUERY = """
WITH size AS (SELECT pg_size_bytes(current_setting('wal_segment_size')) AS bytes),
last AS (
    SELECT *, CASE WHEN last_archived_wal ~ '^[0-9A-F]{24}$' THEN
        ('x' || substr(last_archived_wal, 9, 8))::bit(32)::bigint * (4294967296 / bytes)
        + ('x' || substr(last_archived_wal, 17, 8))::bit(32)::bigint END AS archived,
        div(pg_current_wal_lsn() - '0/0', bytes) AS current
    FROM pg_stat_archiver, size
)
SELECT CASE
    WHEN current_setting('archive_mode') = 'off' THEN NULL
    WHEN last_failed_time > coalesce(last_archived_time, '-infinity') OR current > archived + 1
        THEN extract(epoch FROM now() - coalesce(last_archived_time, stats_reset))
    ELSE 0 END
FROM last
"""


def archive_figures() -> Figures:
    return Figures(_read, seconds=5.0)


def _read() -> Iterable[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        (waiting,) = cursor.fetchone()
    if waiting is not None:
        yield WAITING.of({(): float(waiting)})
