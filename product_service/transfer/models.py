"""A file with products that somebody uploads: what it would change, what it changed, and its undo.

    checking --> checked --> importing --> imported --> undoing --> undone
                      `--> discarded

What ends an -ing state is a job (`product_service.jobs`); the state stays if the job fails. Values
are kept as texts, as the file has them once they are read: an amount is "19.90", a truth "yes", and
no value is "".
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from product_service.jobs.models import Job
from product_service.jobs.models import State as JobState


class State(models.TextChoices):
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked, nothing changed yet"
    DISCARDED = "discarded", "Discarded"
    IMPORTING = "importing", "Being imported"
    IMPORTED = "imported", "Imported"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class Import(models.Model):
    """One uploaded file."""

    file_name = models.CharField("file", max_length=200)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    note = models.CharField("why", max_length=200, blank=True)
    by = models.CharField(max_length=150)  # the name stays when the person has left
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")  # the last
    columns = models.JSONField(default=list)  # those that the file has
    counts = models.JSONField(default=dict)  # by kind of row, and "warnings"
    created_at = models.DateTimeField("uploaded", db_default=Now())
    checked_at = models.DateTimeField(null=True)  # its rows were compared from here on

    class Meta:
        db_table = "import"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="import_state_known"),
        ]
        indexes = [models.Index(fields=["created_at"], name="import_created")]

    def __str__(self) -> str:
        return f"Import {self.pk} ({self.file_name})"

    @property
    def is_stuck(self) -> bool:
        """Its job has failed; `job.problem` says why."""
        return self.job is not None and self.job.state == JobState.FAILED

    @property
    def is_working(self) -> bool:
        return self.job is not None and self.job.is_open

    @property
    def may_be_undone(self) -> bool:
        is_half = self.is_stuck and self.state in (State.IMPORTING, State.UNDOING)
        return is_half or self.state == State.IMPORTED


class Kind(models.TextChoices):
    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    ERROR = "error", "Error"


class Outcome(models.TextChoices):
    NONE = "", "—"
    DONE = "done", "Done"
    PARTLY = "partly", "Done in part"  # `left` says what was left, and why
    LEFT = "left", "Left as it is"
    UNDONE = "undone", "Undone"


class ImportRow(models.Model):
    """A row of the file that changes something, warns of something or is wrong."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as a spreadsheet counts: the heading is 1
    sku = models.CharField(max_length=64)
    product = models.CharField(max_length=160)  # its slug
    kind = models.CharField(max_length=10, choices=Kind.choices)
    changes = models.JSONField(default=dict)  # column -> [before, after]
    problems = models.JSONField(default=list)  # [column, sentence]
    warnings = models.JSONField(default=list)  # [column, sentence]
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default="", blank=True)
    done = models.JSONField(default=dict)  # of `changes`, what was really changed
    made = models.CharField(max_length=10, blank=True)  # "product" or "variant", if it made one
    left = models.JSONField(default=list)  # [column, sentence]: what was not, and why

    class Meta:
        db_table = "import_row"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["of", "number"], name="import_row_number_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="import_row_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.sku}"
