"""What a kind of job does: `settings.JOB_KINDS` names its function, by its code.

    def begin(job: Job) -> Step:
        rows = rows_from(job.done)
        def step(job: Job) -> bool:
            job.done += write(next(rows))
            return nothing_is_left
        return step

`begin` runs outside of transactions and may take its time. `step` does one batch in the caller's
transaction, moves `job.done`, and says whether the job is finished. It stands where `job.done`
stood after its last batch; when another worker or a rollback moved that, a new one is begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from product_service.jobs.models import Job

Step = Callable[[Job], bool]


class JobRefused(Exception):
    """The job cannot be done; its text is a sentence for who asked. Its batch is undone."""


def step_of(job: Job) -> Step:
    begin = cast(Callable[[Job], Step], import_string(settings.JOB_KINDS[job.kind]))
    return begin(job)
