"""Seeded shoppers who use the shop as people and bad networks do.

Each order is a `Plan`, drawn from the shopper's own random numbers before anything is sent, so a
seed gives the same plans whatever the shop and the nemesis do to their timing.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from typing import Any

from tests.faults import goods
from tests.faults.client import Answer, Client, NoAnswer, Tokens
from tests.faults.journal import Journal

HOT_SHARE = 0.2
GIVE_UP_SECONDS = 25.0
# A shopper waits for the outcome before buying on, so a slow machine is not flooded with orders.
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 1.2  # before the first look at an order; each later one waits longer
LOOK_GROWTH = 1.5
LONGEST_LOOK_SECONDS = 5.0
TRY_AGAIN = {409, 429, 503}
# How a shopper behaves, and how often.
HABITS = {
    "plain": 40,
    "double": 15,  # presses the button twice at once
    "changed": 10,  # sends another body under the same key
    "impatient": 20,  # hangs up early and asks again
    "canceller": 10,
    "stranger": 5,  # looks for orders of others
}
PAYMENTS = {
    "tok_approve": 66,
    "tok_decline": 8,
    "tok_insufficient_funds": 3,
    "tok_confirm": 8,
    "tok_slow": 3,
    "tok_timeout_after_effect": 3,
    "tok_capture_decline": 5,
    "tok_late_success": 4,
}


@dataclass(frozen=True)
class Plan:
    """One purchase, decided beforehand."""

    key: str
    lines: tuple[tuple[str, int], ...]
    payment: str
    habit: str
    think_seconds: float
    patience_seconds: float  # of the impatient
    is_patient: bool  # waits for the outcome; else buys on at once
    approves: bool  # on the bank's page

    def body(self, *, email: str, is_changed: bool = False) -> dict[str, Any]:
        """The body of the POST; changed, it wants one more of the last line."""
        sku, count = self.lines[-1]
        lines = [*self.lines[:-1], (sku, count + is_changed)]
        return goods.order_body(lines, email=email, payment=self.payment)


def draw(chance: random.Random, key: str) -> Plan:
    """The next plan; always the same number of draws, so plans stay comparable between runs."""
    is_hot, several = chance.random() < HOT_SHARE, chance.randint(1, 3)
    skus = chance.sample(range(goods.COUNT), 3)
    counts = [chance.randint(1, 2) for _ in skus]
    lines = [(goods.name(sku), count) for sku, count in zip(skus, counts, strict=True)]
    return Plan(
        key=key,
        lines=((goods.HOT, several + 3),) if is_hot else tuple(lines[:several]),
        payment=chance.choices(list(PAYMENTS), list(PAYMENTS.values()))[0],
        habit=chance.choices(list(HABITS), list(HABITS.values()))[0],
        think_seconds=chance.uniform(0.1, 1.5),
        patience_seconds=chance.uniform(0.02, 0.3),
        is_patient=chance.random() < 0.95,
        approves=chance.random() < 0.8,
    )


@dataclass(frozen=True)
class Shop:
    """Where shoppers go, and who vouches for them."""

    url: str
    tokens: Tokens
    journal: Journal


class Shopper:
    """One guest who buys until told to stop."""

    def __init__(self, shop: Shop, seed: int, number: int) -> None:
        self.name = f"shopper-{number:02d}"
        self._subject = f"guest:{number:04d}"
        self._email = f"{self.name}@example.org"
        self._shop, self._journal = shop, shop.journal
        self._chance = random.Random(f"{seed}-{number}")
        self._seed = seed
        self._client = Client(shop.url)
        self._second = Client(shop.url)
        self._orders: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            plan = draw(self._chance, f"{self._seed}-{self.name}-{count}")
            await asyncio.sleep(plan.think_seconds)
            await self._buy(plan)
        self._second.close()

    async def look_at_all(self) -> None:
        """Open the page of every order once more, when all is quiet."""
        for number in self._orders:
            await self._look(number)
        self._client.close()

    async def _buy(self, plan: Plan) -> None:
        if plan.habit == "double":
            first, second = await asyncio.gather(
                self._place(plan, self._client), self._place(plan, self._second)
            )
            number = first or second
        else:
            number = await self._place(plan, self._client)
        if number is None:
            return
        self._orders.append(number)
        if plan.habit == "changed":
            await self._change(plan)
        if plan.habit == "stranger":
            await self._pry()
        if plan.habit == "canceller":
            await self._cancel(number)
        await self._follow(plan, number)

    async def _place(self, plan: Plan, client: Client) -> str | None:
        """POST until the shop gives its word, always under the same key; the order's number."""
        until = time.monotonic() + GIVE_UP_SECONDS
        limit = plan.patience_seconds if plan.habit == "impatient" else 5.0
        while time.monotonic() < until:
            answer = await self._post(plan, client, limit)
            limit = 5.0
            if answer is not None and answer.status == 202:
                return self._accepted(plan, answer)
            if answer is not None and answer.status not in TRY_AGAIN:
                self._wrong("POST /v1/orders", answer, key=plan.key)
                return None
            await asyncio.sleep(0.3)
        self._journal.write("gave_up", shopper=self.name, key=plan.key)
        return None

    async def _post(self, plan: Plan, client: Client, limit: float) -> Answer | None:
        began = time.monotonic()
        status: int | None = None
        try:
            answer = await client.request(
                "POST",
                "/v1/orders",
                json_body=plan.body(email=self._email),
                headers=self._headers(plan.key),
                timeout_seconds=limit,
            )
            status = answer.status
        except NoAnswer:
            answer = None
        seconds = round(time.monotonic() - began, 4)
        hung_up = status is None and limit < 5
        if not hung_up:
            self._note("asked", key=plan.key, status=status, seconds=seconds)
        return answer

    def _accepted(self, plan: Plan, answer: Answer) -> str:
        order = answer.body
        self._note(
            "accepted",
            subject=self._subject,
            key=plan.key,
            number=order["number"],
            total=order["total"]["amount"],
            expected=f"{goods.total(list(plan.lines)):.2f}",
            lines=plan.lines,
            token=plan.payment,
        )
        return str(order["number"])

    async def _change(self, plan: Plan) -> None:
        """Another body under a used key: 422, or no answer at all, and never an order."""
        answer = await self._quietly(
            "POST",
            "/v1/orders",
            json_body=plan.body(email=self._email, is_changed=True),
            headers=self._headers(plan.key),
        )
        if answer is not None and answer.status not in TRY_AGAIN | {422}:
            self._wrong("a reused key with another body", answer, key=plan.key)

    async def _pry(self) -> None:
        others = [each for each in self._journal.numbers() if each not in self._orders]
        if not others:
            return
        number = self._chance.choice(others)
        answer = await self._quietly("GET", f"/v1/orders/{number}", headers=self._headers())
        if answer is not None and answer.status not in {404, 503}:
            self._wrong("the order of another shopper", answer, number=number)

    async def _cancel(self, number: str) -> None:
        path = f"/v1/orders/{number}/cancel"
        answer = await self._quietly("POST", path, json_body={}, headers=self._headers())
        if answer is not None and answer.status not in {200, 202, 409, 503}:
            self._wrong("a cancellation", answer, number=number)

    async def _follow(self, plan: Plan, number: str) -> None:
        """Look at the order until it is decided, for a while; confirm at the bank when asked to."""
        until = time.monotonic() + PATIENCE_SECONDS * plan.is_patient
        pause = LOOK_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(pause)
            pause = min(pause * LOOK_GROWTH, LONGEST_LOOK_SECONDS)
            order = await self._look(number)
            if order is not None and order["confirm_url"]:
                await self._confirm(order["confirm_url"], approves=plan.approves)
                return
            if order is not None and order["terminal"]:
                return

    async def _look(self, number: str) -> dict[str, Any] | None:
        answer = await self._quietly("GET", f"/v1/orders/{number}", headers=self._headers())
        if answer is None or answer.status == 503:
            return None
        if answer.status != 200:
            self._wrong("GET of an own order", answer, number=number)
            return None
        order: dict[str, Any] = answer.body
        timeline = [step["state"] for step in order["timeline"]]
        told = {"state": order["state"], "reason": order["reason"], "timeline": timeline}
        self._note("seen", number=number, total=order["total"]["amount"], **told)
        return order

    async def _confirm(self, url: str, *, approves: bool) -> None:
        host, _, page = url.partition("/confirm/")
        bank = Client(host)
        with contextlib.suppress(NoAnswer):
            choice = "answer=approve" if approves else "answer=refuse"
            await bank.request("POST", f"/confirm/{page}", text=choice)
        bank.close()

    async def _quietly(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        json_body: object = None,
    ) -> Answer | None:
        try:
            return await self._client.request(
                method, path, json_body=json_body, headers=headers, timeout_seconds=5.0
            )
        except NoAnswer:
            return None

    def _headers(self, key: str | None = None) -> dict[str, str]:
        headers = self._shop.tokens.headers(self._subject)
        return {**headers, "Idempotency-Key": key} if key else headers

    def _wrong(self, what: str, answer: Answer, **ids: str) -> None:
        shown = answer.content[:400].decode("utf-8", "replace")
        self._note("wrong", what=what, status=answer.status, answer=shown, **ids)

    def _note(self, kind: str, **fields: object) -> None:
        self._journal.write(kind, shopper=self.name, **fields)
