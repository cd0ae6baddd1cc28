"""How the provider says that it does not do what it is asked."""

from __future__ import annotations


class Refusal(Exception):
    """An answer other than 200: status, code, and a sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
