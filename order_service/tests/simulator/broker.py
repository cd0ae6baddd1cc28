"""The broker in memory: a heap of messages, in whatever order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass
class Message:
    """What the broker holds: look at these orders."""

    ids: tuple[uuid.UUID, ...]
    published_at: datetime

    @property
    def is_set(self) -> bool:
        return len(self.ids) > 1


class MemoryBroker:
    """The broker's half of Redis, for the dispatcher."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def look(self, queue: str) -> tuple[int, datetime | None]:
        oldest = min((message.published_at for message in self.messages), default=None)
        return sum(len(message.ids) for message in self.messages), oldest

    def publish(self, task: object, argument: object, *, queue: str, at: datetime) -> None:
        assert isinstance(argument, list)
        self.messages.append(Message(tuple(uuid.UUID(text) for text in argument), at))
