"""The providers of the settings: which one charges a token, and what is wrong is said at start."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from order_service.payments.gateways.base import Method, MethodKind
from order_service.payments.gateways.registry import Gateways, UnknownProvider, factories
from order_service.tests.simulator.provider import SimulatedProvider
from order_service.tests.simulator.world import SimulatedClock


def offering(*codes: str) -> SimulatedProvider:
    class Provider(SimulatedProvider):
        def methods(self) -> tuple[Method, ...]:
            return tuple(Method(code, code, "", MethodKind.TOKEN) for code in codes)

    return Provider(SimulatedClock())


def test_a_token_goes_to_the_provider_that_offers_it() -> None:
    first, second = offering("tok_a"), offering("tok_b")
    both = Gateways({"first": first, "second": second})
    assert list(both.methods) == ["tok_a", "tok_b"]
    assert both.provider_for("tok_b") == "second"
    assert both.provider_for("tok_nobody_offers") == "first"
    assert both.of("second") is second


def test_a_code_that_two_providers_offer_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="second offers 'tok_a', as does first"):
        Gateways({"first": offering("tok_a"), "second": offering("tok_a")})


def test_a_payment_of_a_provider_that_was_taken_out_needs_a_person() -> None:
    with pytest.raises(UnknownProvider, match="PAYMENT_PROVIDERS has no 'gone'"):
        Gateways({"first": offering("tok_a")}).of("gone")


@pytest.mark.parametrize("path", ["order_service.nowhere.gateway", "nothing", ""])
def test_a_factory_that_is_not_there_is_named(settings: Settings, path: str) -> None:
    settings.PAYMENT_GATEWAYS = {"mine": path}
    settings.PAYMENT_PROVIDERS = ["mine"]
    with pytest.raises(ImproperlyConfigured, match=r"mine.*cannot be imported"):
        factories()
