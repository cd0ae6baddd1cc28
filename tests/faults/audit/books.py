"""What must agree between the books: orders, stock, provider, journal and mailbox.

Each function yields the violations of the invariants in its name; see `__main__` for all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import filterfalse

from tests.faults.audit.evidence import Mail, Provider, Row, Violation

ENDS = {"confirmed": "is confirmed", "cancelled": "was cancelled"}  # and what a mail says of it


@dataclass(frozen=True)
class Books:
    """Everything that is compared, read once."""

    orders: dict[str, Row]  # by number
    wanted: dict[str, dict[str, int]]  # order id: SKU: quantity
    paths: dict[str, list[str]]  # number: states in order
    keys: dict[tuple[str, str], str]  # (subject, key): order id
    reservations: dict[str, str]  # order id: state
    sold: dict[str, dict[str, int]]  # order id: SKU: quantity of committed reservations
    provider: Provider
    journal: Sequence[Row]
    mail: Sequence[Mail] | None
    owner: str = ""  # whom a mail about each confirmed order must have reached

    def told(self, kind: str) -> Iterator[Row]:
        return (entry for entry in self.journal if entry["kind"] == kind)


def acknowledged_orders_exist(books: Books) -> Iterator[Violation]:
    """I1: every 202 has its order, with the total that the shopper was told and reckoned."""
    for entry in books.told("accepted"):
        order = books.orders.get(entry["number"])
        ids = {"number": entry["number"], "key": entry["key"]}
        if order is None:
            yield Violation("I1", "an acknowledged order is lost", ids)
            continue
        totals = {order["total"], Decimal(entry["total"]), Decimal(entry["expected"])}
        if len(totals) > 1:
            shown = {"stored": order["total"], "told": entry["total"]}
            yield Violation("I1", "a total differs", {**ids, **shown, "due": entry["expected"]})


def one_key_is_one_order(books: Books) -> Iterator[Violation]:
    """I2: the answers to one key name one order, and it is the order that the key made."""
    numbers = defaultdict(set)
    for entry in books.told("accepted"):
        numbers[entry["subject"], entry["key"]].add(entry["number"])
    for (subject, key), named in numbers.items():
        made = books.keys.get((subject, key))
        stored = {number for number in named if number in books.orders}
        if len(named) > 1 or any(str(books.orders[n]["id"]) != made for n in stored):
            ids = {"key": key, "numbers": sorted(named), "made": made}
            yield Violation("I2", "one key, several orders", ids)


def money_is_right(books: Books) -> Iterator[Violation]:
    """I3: the provider took exactly the total of a confirmed order, once, and of no other."""
    captures = defaultdict(list)
    for entry in books.provider.entries:
        if entry["reference"] not in books.orders:
            ids = {"reference": entry["reference"], "kind": entry["kind"]}
            yield Violation("I3", "money moved for an order that does not exist", ids)
        if entry["kind"] == "capture":
            captures[entry["reference"]].append(entry["amount"])
    for number, order in books.orders.items():
        due = int(order["total"] * 100) if order["state"] == "confirmed" else 0
        taken = captures[number]
        ids = {"number": number, "state": order["state"], "due": due, "taken": taken}
        if len(taken) > 1:
            yield Violation("I3", "charged twice", ids)
        elif sum(taken) != due:
            yield Violation("I3", "charged another amount than is due", ids)


def stock_follows_orders(books: Books) -> Iterator[Violation]:
    """I5 and I6: sold is what confirmed orders want; nothing is held for a finished order."""
    for number, order in books.orders.items():
        key = str(order["id"])
        state = books.reservations.get(key, "none")
        ids = {"number": number, "state": order["state"], "reservation": state}
        if order["state"] == "confirmed":
            if state != "committed":
                yield Violation("I5", "confirmed without its goods", ids)
            elif books.sold.get(key) != books.wanted.get(key):
                yield Violation("I5", "other goods left than were ordered", ids)
        elif order["state"] == "cancelled" and state in {"held", "committed"}:
            yield Violation("I6", "goods are kept for a cancelled order", ids)
    known = {str(order["id"]) for order in books.orders.values()}
    for key, state in books.reservations.items():
        if key not in known and state in {"held", "committed"}:
            ids = {"order_id": key, "reservation": state}
            yield Violation("I6", "goods are kept for an order that does not exist", ids)


def no_money_is_held(books: Books) -> Iterator[Violation]:
    """I6: no open authorization of a finished order."""
    for row in books.provider.open:
        order = books.orders.get(row["reference"])
        state = order["state"] if order else "absent"
        if state in {"confirmed", "cancelled", "absent"}:
            ids = {"number": row["reference"], "state": state, "authorization": row["id"]}
            yield Violation("I6", f"an authorization is left {row['status']}", ids)


def mails_arrived(books: Books) -> Iterator[Violation]:
    """I10: a mail about the end of every finished order; all copies under one id."""
    if books.mail is None:
        return
    ids: dict[str, Counter[str]] = defaultdict(Counter)
    for mail in filterfalse(_is_for_owner, books.mail):
        for number in _numbers(mail, books.orders):
            ids[number][mail.message_id] += 1
            if _end(books, number) not in mail.text:
                yield Violation("I10", "a mail that tells another end", {"number": number})
    for number in books.orders:
        if bool(_end(books, number)) != (number in ids):
            what = "no mail arrived" if _end(books, number) else "a mail for an unfinished order"
            yield Violation("I10", what, {"number": number})
        if len(ids[number]) > 1:
            found = dict(ids[number])
            yield Violation("I10", "mails of several ids", {"number": number, "ids": found})


def the_owner_was_told(books: Books) -> Iterator[Violation]:
    """I10: of confirmed orders alone, under one id; of each of them where an owner is named."""
    if books.mail is None:
        return
    ids: dict[str, Counter[str]] = defaultdict(Counter)
    for mail in filter(_is_for_owner, books.mail):
        for number in _numbers(mail, books.orders):
            ids[number][mail.message_id] += 1
            if books.owner and mail.to != books.owner:
                shown = {"number": number, "to": mail.to}
                yield Violation("I10", "a mail to the owner went to somebody else", shown)
    for number, order in books.orders.items():
        is_confirmed = order["state"] == "confirmed"
        if len(ids[number]) > is_confirmed or (is_confirmed and books.owner and not ids[number]):
            found = {"number": number, "state": order["state"], "ids": dict(ids[number])}
            yield Violation("I10", "the owner was not told once of a confirmed order", found)


def orders_never_go_backwards(books: Books) -> Iterator[Violation]:
    """I11: each look showed a prefix of the history, and never a shorter one than before."""
    longest: Counter[tuple[str, str]] = Counter()
    for entry in books.told("seen"):
        number, timeline = entry["number"], entry["timeline"]
        ids = {"number": number, "shopper": entry["shopper"], "saw": "->".join(timeline)}
        path = books.paths.get(number, [])
        if timeline != path[: len(timeline)]:
            yield Violation("I11", "a history that never was", {**ids, "is": "->".join(path)})
        if timeline and entry["state"] != timeline[-1]:
            yield Violation("I11", "a state that its timeline denies", ids)
        if len(timeline) < longest[entry["shopper"], number]:
            yield Violation("I11", "an order went backwards", ids)
        longest[entry["shopper"], number] = max(len(timeline), longest[entry["shopper"], number])


def answers_were_right(books: Books) -> Iterator[Violation]:
    """Answers that no fault excuses: a 500, a stranger's order, a reused key that was accepted."""
    for entry in books.told("wrong"):
        shown = ("status", "key", "number", "answer")
        ids = {name: entry[name] for name in entry if name in shown}
        yield Violation("I11", f"a wrong answer to {entry['what']}", ids)


def quantities(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[str(row["order_id"])][row["sku"]] = row["quantity"]
    return dict(found)


def _end(books: Books, number: str) -> str:
    """What a mail says of the end of the order; "" while there is none."""
    return ENDS.get(books.orders[number]["state"], "")


def _is_for_owner(mail: Mail) -> bool:
    return ".new_order@" in mail.message_id


def _numbers(mail: Mail, orders: Iterable[str]) -> list[str]:
    words = set(mail.text.replace("/", " ").replace(".", " ").replace(",", " ").split())
    return [number for number in orders if number in words]
