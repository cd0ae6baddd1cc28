"""One-time notices, kept in a cookie so that browsing needs neither session nor database."""

from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest

from storefront.guests import cookie_name


class FlashStorage(CookieStorage):
    """Django's signed message cookie under a name with the service in it."""

    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        return cookie_name("notices")


def has_notices(request: HttpRequest) -> bool:
    """Whether the next page shows something that no other page may show."""
    return bool(request.COOKIES.get(cookie_name("notices")))
