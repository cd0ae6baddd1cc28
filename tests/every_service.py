"""Settings under which mypy knows the models of every service at once; nothing runs on them.

So mypy does not notice a setting that only another service has.
"""

from typing import Any

from order_service import settings as order_service
from order_service.settings import *  # noqa: F403
from product_service import settings as product_service
from product_service.settings import *  # noqa: F403
from storefront import settings as storefront
from storefront.settings import *  # noqa: F403

# Of what chassis.conf gives each service: the settings that Django has not.
BACK_OFFICE_SITE: str
CACHE_URL: str
PUBLIC_URL: str
SPECTACULAR_SETTINGS: dict[str, Any]
STORE_CURRENCY: str
TRUSTED_PROXY_COUNT: int

INSTALLED_APPS = list(
    dict.fromkeys(
        (
            *product_service.INSTALLED_APPS,
            *order_service.INSTALLED_APPS,
            *storefront.INSTALLED_APPS,
        )
    )
)
