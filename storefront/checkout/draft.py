"""What the shopper has typed into the checkout so far, kept in the session until they order.

A table of its own would spare a statement a step. But during an update the version before looks for
the draft in the session alone, and would ask for every step again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

KEY = "checkout"
LONGEST = 1000  # characters kept of any field, before the forms judge it


@dataclass
class CheckoutDraft:
    contact: dict[str, str] = field(default_factory=dict)
    delivery: dict[str, str] = field(default_factory=dict)
    payment: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)  # steps that were accepted

    @classmethod
    def of(cls, request: HttpRequest) -> CheckoutDraft:
        return cls(**request.session.get(KEY, {}))

    def values(self, step: str) -> dict[str, str]:
        values: dict[str, str] = getattr(self, step)
        return values

    def keep(self, step: str, typed: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Keep what was typed, right or wrong, so that nothing is ever lost."""
        setattr(self, step, {name: str(typed.get(name, ""))[:LONGEST] for name in names})
        self.reopen(step)

    def accept(self, step: str, cleaned: Mapping[str, Any]) -> None:
        setattr(self, step, {name: str(value) for name, value in cleaned.items()})
        self.done = [*self.done, step]

    def forget(self, names: Collection[str]) -> None:
        """Empty these fields."""
        for values in (self.contact, self.delivery, self.payment):
            for name in names:
                values.pop(name, None)

    def reopen(self, step: str) -> None:
        """Ask for a step again, with what was chosen as its first answer."""
        self.done = [one for one in self.done if one != step]

    def save(self, request: HttpRequest) -> None:
        request.session[KEY] = dict(vars(self))
