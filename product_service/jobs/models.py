"""Work of the back office that takes longer than a page may: who asked for it, and how far it is.

A job is done in batches. Each is one transaction, which also moves `done`, so a worker that is
killed leaves whole batches, and the next one goes on behind them. The row is the queue: a message
in Redis only says "look at this job", and product-sweep sends it again while the job is open.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class State(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"  # `problem` says why; whole batches before it stay


OPEN = (State.WAITING, State.RUNNING)


class Job(models.Model):
    """One piece of work. Changed by `jobs.actions` alone."""

    kind = models.CharField(max_length=30)  # a key of settings.JOB_KINDS
    about = models.BigIntegerField(null=True)  # the id of what it works on, by its kind
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    by = models.CharField(max_length=150)  # the name stays when the person has left
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
    )
    done = models.PositiveIntegerField(default=0)  # rows, of `total`
    total = models.PositiveIntegerField(null=True)
    problem = models.TextField(blank=True)  # a sentence for who asked
    attempts = models.PositiveIntegerField(default=0)  # begun since the last batch that was saved
    due_at = models.DateTimeField(db_default=Now())  # an open job is announced again from here on
    asked_at = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "job"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["waiting", "running"]), name="job_open"
            ),
            models.Index(fields=["asked_at"], name="job_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0
