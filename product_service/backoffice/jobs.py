"""Jobs in the back office: seen here, started where they belong."""

from __future__ import annotations

from django.contrib import admin

from chassis.back_office.read_only import ReadOnly
from product_service.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("asked_at", "kind", "by", "state", "done", "total", "problem", "ended_at")
    list_filter = ("state", "kind")
    list_per_page = 50
    show_full_result_count = False
    fields = (
        *("kind", "by", "state", "done", "total", "problem"),
        *("asked_at", "begun_at", "ended_at"),
    )
