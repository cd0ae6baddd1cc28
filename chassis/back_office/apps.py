from datetime import datetime

from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.utils.dateformat import TimeFormat


class BackOfficeConfig(AdminConfig):
    """Django's admin, with the service's own site as `admin.site`."""

    default_site = settings.BACK_OFFICE_SITE

    def ready(self) -> None:
        """Django leaves the zone out in the hour that summer time repeats, where it is needed to
        tell the two hours apart.
        """
        super().ready()
        TimeFormat.T = _zone  # type: ignore[assignment,method-assign]


def _zone(moment: TimeFormat) -> str:
    at = moment.data
    return (isinstance(at, datetime) and at.tzname()) or ""
