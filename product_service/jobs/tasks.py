"""The task of queue `catalogue`: look at this job. And how a job is announced to the workers."""

from __future__ import annotations

import redis
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import KombuError

from chassis.health import redis_client
from chassis.logs import get_logger
from chassis.worker.messages import PUBLISHED_AT, ROWS
from product_service.jobs import actions

log = get_logger(__name__)

QUEUE = "catalogue"
SLICE_SECONDS = 8.0  # of work in one task: a worker that is told to stop stops soon
LONGEST_SECONDS = 300
PAUSE_SHARE = 0.5  # of the time that a batch took, left to the shop's reads after it
LONG_QUEUE = 10  # messages; those of jobs that wait in it come back when it is shorter


# A slice ends by itself. On a machine without time for it, one batch can take minutes.
@shared_task(
    name="product_service.jobs.work", time_limit=LONGEST_SECONDS, soft_time_limit=LONGEST_SECONDS
)
def work(job_id: int) -> None:
    if actions.work(job_id, seconds=SLICE_SECONDS, pause_share=PAUSE_SHARE):
        _announce(job_id)


def announce_due() -> None:
    """Tell the workers of each job that is due. Without Redis they stay due."""
    try:
        if redis_client(settings.REDIS_URL).llen(QUEUE) >= LONG_QUEUE:
            return
    except redis.RedisError as error:
        log.warning("jobs are not announced", error=str(error))
        return
    for job_id in actions.due_jobs(most=LONG_QUEUE):
        _announce(job_id)


def _announce(job_id: int) -> None:
    """A message that is not sent comes again: the job is due after its lease."""
    headers = {PUBLISHED_AT: timezone.now().isoformat(), ROWS: "1"}
    try:
        work.apply_async(args=(job_id,), headers=headers, retry=False)
    except (KombuError, redis.RedisError, OSError) as error:
        log.warning("job is not announced", job=job_id, error=str(error))
