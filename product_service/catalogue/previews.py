"""Links under which a product is seen before it is in the shop. Each ends after a day."""

from __future__ import annotations

from django.conf import settings
from django.core import signing

from chassis.errors import NotFound

SALT = "product_service.preview"
DAYS = 1


def preview_address(product_id: int) -> str:
    token = signing.dumps(product_id, salt=SALT)
    return f"{settings.PUBLIC_URL}/preview/{token}/"


def previewed(token: str) -> int:
    """The id of the product. Raises NotFound for a link that is over, or none of ours."""
    try:
        product_id: int = signing.loads(token, salt=SALT, max_age=DAYS * 86_400)
    except signing.BadSignature:
        raise NotFound("This preview is over. Open the product again for a new link.") from None
    return product_id
