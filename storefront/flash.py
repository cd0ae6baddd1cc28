"""One-time notices, kept in a cookie so that browsing needs neither session nor database."""

from django.contrib.messages.storage.cookie import CookieStorage


class FlashStorage(CookieStorage):
    """Django's signed message cookie under a name that carries the service."""

    cookie_name = "storefront_notices"
