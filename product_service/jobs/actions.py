"""Start a job, work on it for a while, and find those that somebody must look at."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from chassis.logs import get_logger
from product_service.inventory.transactions import in_transaction
from product_service.jobs.kinds import JobRefused, Step, step_of
from product_service.jobs.models import OPEN, Job, State

log = get_logger(__name__)

LEASE = timedelta(seconds=30)  # after the last batch, until an open job is announced again
MOST_ATTEMPTS = 5
GAVE_UP = (
    "It was begun five times and did not get any further. What was done before stays; the log of"
    " the worker says why."
)
# At low priority, Python may not get its turn between two statements for longer than usual.
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = '60s'"
DUE = """
UPDATE job SET due_at = now() + make_interval(secs => %s) WHERE id IN (
    SELECT id FROM job WHERE state IN ('waiting', 'running') AND due_at <= now()
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def start(*, kind: str, about: int | None, user: Any, total: int | None = None) -> Job:
    """A new job, for whoever works on it first."""
    return Job.objects.create(
        kind=kind, about=about, user=user, by=user.get_username(), total=total
    )


def due_jobs(*, most: int) -> list[int]:
    """The open jobs that nobody has worked on for a while; they are due again after LEASE."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [LEASE.total_seconds(), most])
        return [row[0] for row in cursor.fetchall()]


def work(job_id: int, *, seconds: float, pause_share: float = 0.0) -> bool:
    """Do batches for about `seconds`, one at least; whether the job is still open.

    `pause_share` of each batch's time is waited after it, so that shoppers come first.
    """
    if not _begin(job_id):
        return False
    held, until = _Held(), time.monotonic() + seconds
    is_in_time = True  # for the first batch, however short the time is
    while is_in_time:
        began = time.monotonic()
        try:
            held.prepare(job_id)
            job = _batch(job_id, held)
        except JobRefused as refused:
            _fail(job_id, str(refused))
            return False
        if job is None or not job.is_open:
            return False
        time.sleep(pause_share * (time.monotonic() - began))
        is_in_time = time.monotonic() < until
    Job.objects.filter(pk=job_id, state__in=OPEN).update(due_at=Now())
    return True


class _Held:
    """A step, and where it stands. It is begun outside of transactions, since that may read a large
    file, and taken out while it works, so that a rollback drops it."""

    def __init__(self) -> None:
        self._step: Step | None = None
        self._done = -1

    def prepare(self, job_id: int) -> None:
        if self._step is None:
            job = Job.objects.get(pk=job_id)
            self._step, self._done = step_of(job), job.done

    def take(self, job: Job) -> Step | None:
        """None if it stands elsewhere than the job by now."""
        step, self._step = self._step, None
        return step if self._done == job.done else None

    def put_back(self, step: Step, job: Job) -> None:
        self._step, self._done = step, job.done


@transaction.atomic
def _begin(job_id: int) -> bool:
    """Whether there is something to do that nobody else does. The attempt counts even if the
    process is killed."""
    job = _locked(job_id)
    if job is None:
        return False
    if job.attempts >= MOST_ATTEMPTS:
        _end(job, State.FAILED, GAVE_UP)
        return False
    job.attempts += 1
    job.state = State.RUNNING
    job.begun_at = job.begun_at or timezone.now()
    job.due_at = timezone.now() + LEASE
    job.save()
    return True


@in_transaction
def _batch(job_id: int, held: _Held) -> Job | None:
    """One batch, or none if the step has to be begun anew; None if the job is over, or another
    worker has it."""
    job = _locked(job_id)
    step = held.take(job) if job else None
    if job is None or step is None:
        return job
    with connection.cursor() as cursor:
        cursor.execute(PATIENT)
    if step(job):
        _end(job, State.DONE)
    else:
        job.attempts = 0
        job.due_at = timezone.now() + LEASE
        job.save()
    held.put_back(step, job)
    return job


def _locked(job_id: int) -> Job | None:
    jobs = Job.objects.select_for_update(skip_locked=True, of=("self",))
    return jobs.filter(pk=job_id, state__in=OPEN).first()


@transaction.atomic
def _fail(job_id: int, problem: str) -> None:
    if job := _locked(job_id):
        _end(job, State.FAILED, problem)


def _end(job: Job, state: State, problem: str = "") -> None:
    job.state, job.problem, job.ended_at = state, problem, timezone.now()
    job.save()
    log.info("job ended", job=job.pk, kind=job.kind, state=str(state), problem=problem)
