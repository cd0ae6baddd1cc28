"""`{% catalogue_tasks user %}`: what waits for somebody, on the front page of the back office."""

from __future__ import annotations

from typing import Any

from django import template

from product_service.backoffice.tasks import tasks_of

register = template.Library()


@register.inclusion_tag("admin/catalogue/tasks.html")
def catalogue_tasks(user: Any) -> dict[str, Any]:
    return {"tasks": list(tasks_of(user))}
