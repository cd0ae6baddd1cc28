"""Jobs: whole batches or nothing, whoever dies; announced until they are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.db.models.functions import Now
from psycopg import errors

from chassis.health import redis_client
from product_service.celery import app
from product_service.jobs import actions, tasks
from product_service.jobs.kinds import JobRefused, Step
from product_service.jobs.metrics import job_figures
from product_service.jobs.models import Job, State
from product_service.tests.factories import make_category

pytestmark = pytest.mark.django_db(transaction=True)

BATCH, TOTAL = 2, 6
trouble: list[BaseException] = []  # raised by the next batches, after their rows were written


def begin(job: Job) -> Step:
    """Makes a category a row: `shelf-0`, `shelf-1`, ..."""
    numbers = iter(range(job.done, TOTAL))

    def step(job: Job) -> bool:
        for _, number in zip(range(BATCH), numbers, strict=False):
            make_category(f"shelf-{number}")
            job.done += 1
        if trouble:
            raise trouble.pop()
        return job.done == TOTAL

    return step


@pytest.fixture(autouse=True)
def _kind(settings: Any) -> Iterator[None]:
    settings.JOB_KINDS = {"shelves": f"{__name__}.begin"}
    yield
    trouble.clear()


@pytest.fixture
def queue() -> Iterator[redis.Redis]:
    client = redis_client(app.conf.broker_url)
    client.delete(tasks.QUEUE)
    yield client
    client.delete(tasks.QUEUE)


@pytest.fixture(autouse=True)
def anna(db: None) -> User:
    return User.objects.create(username="anna")


def start(anna: User) -> Job:
    return actions.start(kind="shelves", about=None, user=anna, total=TOTAL)


def shelves() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug FROM category ORDER BY slug")
        return [slug for (slug,) in cursor.fetchall()]


ALL = [f"shelf-{number}" for number in range(TOTAL)]


def test_a_job_is_worked_off_in_batches(anna: User) -> None:
    job = start(anna)
    assert not actions.work(job.pk, seconds=60)
    job.refresh_from_db()
    assert (job.state, job.done, job.by, job.problem) == (State.DONE, TOTAL, "anna", "")
    assert shelves() == ALL
    assert not actions.work(job.pk, seconds=60)
    assert shelves() == ALL


def test_a_slice_ends_after_its_time_and_the_next_goes_on(anna: User) -> None:
    job = start(anna)
    assert [actions.work(job.pk, seconds=0) for _ in range(3)] == [True, True, False]
    assert shelves() == ALL


@pytest.mark.parametrize("death", [KeyboardInterrupt(), ZeroDivisionError()])
def test_a_batch_that_breaks_off_leaves_nothing_and_is_done_again(
    anna: User, death: BaseException
) -> None:
    job = start(anna)
    trouble.append(death)
    with pytest.raises(type(death)):
        actions.work(job.pk, seconds=60)
    assert shelves() == []
    actions.work(job.pk, seconds=60)
    assert shelves() == ALL


def test_a_deadlock_repeats_the_batch_from_where_it_began(anna: User) -> None:
    job = start(anna)
    deadlock = OperationalError("deadlock")
    deadlock.__cause__ = errors.DeadlockDetected()
    trouble.append(deadlock)
    actions.work(job.pk, seconds=60)
    assert shelves() == ALL


def test_a_job_that_is_refused_says_why(anna: User) -> None:
    job = start(anna)
    trouble.append(JobRefused("The shelf is full."))
    assert not actions.work(job.pk, seconds=60)
    job.refresh_from_db()
    assert (job.state, job.problem, shelves()) == (State.FAILED, "The shelf is full.", [])


def test_a_job_that_gets_no_further_is_given_up(anna: User) -> None:
    job = start(anna)
    for _ in range(actions.MOST_ATTEMPTS):
        trouble.append(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            actions.work(job.pk, seconds=60)
    assert not actions.work(job.pk, seconds=60)
    job.refresh_from_db()
    assert (job.state, job.problem, shelves()) == (State.FAILED, actions.GAVE_UP, [])


def test_an_open_job_is_announced_until_it_is_over(anna: User, queue: redis.Redis) -> None:
    job = start(anna)
    tasks.announce_due()
    tasks.announce_due()
    assert queue.llen(tasks.QUEUE) == 1
    Job.objects.update(due_at=Now() - timedelta(seconds=1), state=State.RUNNING)
    tasks.announce_due()
    assert queue.llen(tasks.QUEUE) == 2
    tasks.work(job.pk)
    Job.objects.update(due_at=Now() - timedelta(seconds=1))
    tasks.announce_due()
    assert queue.llen(tasks.QUEUE) == 2
    assert shelves() == ALL


def test_nobody_floods_a_queue_that_no_worker_reads(anna: User, queue: redis.Redis) -> None:
    start(anna)
    for _ in range(3 * tasks.LONG_QUEUE):
        Job.objects.update(due_at=Now() - timedelta(seconds=1))
        tasks.announce_due()
    assert queue.llen(tasks.QUEUE) == tasks.LONG_QUEUE


def test_without_redis_a_job_stays_due(anna: User, settings: Any) -> None:
    job = start(anna)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    tasks.announce_due()
    assert actions.due_jobs(most=5) == [job.pk]


def test_jobs_are_counted_by_state(anna: User) -> None:
    start(anna)
    Job.objects.update(asked_at=Now() - timedelta(seconds=50))
    failed = start(anna)
    Job.objects.filter(pk=failed.pk).update(state=State.FAILED, ended_at=Now())
    jobs, age = job_figures().collect()
    assert {each.labels["state"]: each.value for each in jobs.samples} == {
        "waiting": 1,
        "running": 0,
        "failed": 1,
    }
    assert 50 <= age.samples[0].value < 100
