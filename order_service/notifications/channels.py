"""The channels of the shop: a new one is a class and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from order_service.notifications.channel import Channel
from order_service.notifications.owner_mail import OwnerMail
from order_service.notifications.shopper_mail import ShopperMail
from order_service.orders.models import ChannelName

CHANNELS: Mapping[str, Channel] = {
    ChannelName.MAIL: ShopperMail(),
    ChannelName.OWNER_MAIL: OwnerMail(),
}
