"""The payment providers of this shop, by the codes of the setting PAYMENT_PROVIDERS.

A payment keeps the code of its provider and is asked about there alone. To add a provider: write
its gateway (base.py), let it pass the contract in tests/payments, and name its factory in the
setting PAYMENT_GATEWAYS. docs/architecture.md lists every place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from order_service.payments.gateways.base import Method, PaymentGateway, PaymentRefused


class UnknownProvider(PaymentRefused):
    """A payment's provider is none of this shop's: its code has to be back in the settings."""


class Gateways:
    """Gateways by the code of their provider; the first takes what no other one offers."""

    def __init__(self, gateways: Mapping[str, PaymentGateway]) -> None:
        self._gateways = dict(gateways)
        self.methods: dict[str, Method] = {}
        self._providers: dict[str, str] = {}
        for provider, gateway in self._gateways.items():
            for method in gateway.methods():
                if method.code in self.methods:
                    raise ImproperlyConfigured(
                        f"PAYMENT_PROVIDERS: {provider} offers {method.code!r}, as does"
                        f" {self._providers[method.code]}. Let one call it something else."
                    )
                self.methods[method.code] = method
                self._providers[method.code] = provider

    def of(self, provider: str) -> PaymentGateway:
        """Raises UnknownProvider."""
        try:
            return self._gateways[provider]
        except KeyError:
            raise UnknownProvider(
                f"PAYMENT_PROVIDERS has no {provider!r}, and a payment of it is open"
            ) from None

    def all(self) -> Mapping[str, PaymentGateway]:
        return self._gateways

    def provider_for(self, token: str) -> str:
        """The code of the provider that charges this payment token."""
        return self._providers.get(token, next(iter(self._gateways)))


@cache
def gateways() -> Gateways:
    """The gateways of this process."""
    return Gateways({code: factory() for code, factory in factories().items()})


def factories() -> dict[str, Callable[[], PaymentGateway]]:
    """The factories that the setting names. Raises ImproperlyConfigured if one is not there."""
    found = {}
    for code in settings.PAYMENT_PROVIDERS:
        path = settings.PAYMENT_GATEWAYS[code]
        try:
            found[code] = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(
                f"PAYMENT_GATEWAYS[{code!r}] is {path!r}, which cannot be imported ({error})."
                " Name a function that makes a gateway, like"
                " order_service.payments.gateways.sandbox.gateway."
            ) from error
    return found
