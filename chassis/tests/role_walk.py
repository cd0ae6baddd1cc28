"""Follows each link and presses each button that a person is shown in a back office."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import resolve

from chassis.tests.back_office import FormReader
from chassis.tests.role_matrix import undone

START = "/admin/"
OTHERS = ("/admin/logout/", "/admin/jsi18n/", "/static/", "/media/")
ALIKE = 2  # addresses of one view that are looked at


class PageReader(FormReader):
    """The forms of a page with their buttons, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.heads: list[dict[str, str]] = []  # the attributes of each form
        self.buttons: list[list[tuple[str, str]]] = []  # name and value of those of each form
        self.actions: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self.heads.append(given)
            self.buttons.append([])
        elif tag == "option" and self._name == "action" and given.get("value"):
            self.actions.append(given["value"])
        elif self.buttons and (given.get("type") == "submit" or tag == "button"):
            self.buttons[-1].append((given.get("name", ""), given.get("value", "")))
        super().handle_starttag(tag, attributes)


def refusals(client: Client) -> list[str]:
    """What the person was refused on the way, and from which page it was reached."""
    seen: dict[str, list[str]] = {}
    pressed: set[str] = set()
    waiting, found = [(START, "")], []
    while waiting:
        address, origin = waiting.pop()
        answer = client.get(address)
        if _is_refused(answer):
            found.append(f"{answer.status_code} {address} from {origin}")
        elif "text/html" in answer.get("Content-Type", ""):
            page = PageReader()
            page.feed(answer.content.decode())
            if (view := _view(address)) not in pressed:
                found += _pressed(client, page, address)
            pressed.add(view)
            waiting += [(each, address) for each in _new(page.links, address, seen)]
        if answer.status_code in (301, 302):
            waiting += [(each, address) for each in _new([answer["Location"]], address, seen)]
    return found


def _new(links: list[str], page: str, seen: dict[str, list[str]]) -> Iterator[str]:
    """A few addresses of each view: filters and orders of a list are open to whoever sees it."""
    for link in links:
        address = urljoin(page, link).partition("#")[0]
        if not address.startswith(START) or address.startswith(OTHERS):
            continue
        alike = seen.setdefault(_view(address), [])
        if address not in alike and len(alike) < ALIKE:
            alike.append(address)
            yield address


def _view(address: str) -> str:
    path = urlsplit(address).path
    return resolve(path).view_name or path


def _pressed(client: Client, page: PageReader, address: str) -> Iterator[str]:
    for head, fields, buttons in zip(page.heads, page.forms, page.buttons, strict=True):
        target = urljoin(address, head.get("action") or address)
        if head.get("method", "").lower() != "post" or target.startswith(OTHERS):
            continue
        for name, value in buttons:
            for form in _filled(fields, page.actions) if "index" in fields else [fields]:
                sent: dict[str, Any] = {**form, **({name: value} if name else {})}
                answer = undone(client, target, sent)
                if _is_refused(answer):
                    yield f"{answer.status_code} {target} {name}, pressed on {address}"


def _filled(fields: dict[str, list[str]], actions: list[str]) -> Iterator[dict[str, Any]]:
    """The form of a list: each action with its first row."""
    rows = fields.get("_selected_action", [])
    yield from ({**fields, "action": each, "_selected_action": rows[:1]} for each in actions)


def _is_refused(answer: Any) -> bool:
    return answer.status_code >= 400 or "/login/" in answer.get("Location", "")
