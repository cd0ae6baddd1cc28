"""pytest plugin: templates are rendered as in production.

Django's test environment copies the context of each template that is rendered, the one of a field
and of a label too, for tests that look at `response.context`: a tenth of the time of a page. We
look at pages.
"""

from __future__ import annotations

import pytest
from django.template import Template

RENDER = Template._render  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def _plain_templates(django_test_environment: None) -> None:
    """Django puts back what it found at its end."""
    Template._render = RENDER  # type: ignore[attr-defined]
