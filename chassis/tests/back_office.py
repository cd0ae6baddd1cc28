"""Addresses and forms of a service's back office, for the tests of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver


def addresses() -> Iterator[str]:
    """Every address that needs no id: front page, lists, new things, passwords, sign-in."""
    return _below("/admin/", admin.site.urls[0])


def _below(start: str, patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for each in patterns:
        route = str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _below(start + route, each.url_patterns)
        elif not {"<", "("} & set(route):
            yield start + route


def fields_of(page: Any) -> dict[str, list[str]]:
    """What a browser would send of the last form of `page`, if nobody touched it."""
    reader = FormReader()
    reader.feed(page.content.decode())
    return {name: values for name, values in reader.forms[-1].items() if "__prefix__" not in name}


def errors_of(response: Any) -> list[str]:
    """The sentences on a form that came back."""
    assert response.status_code == 200, response
    page = response.content.decode()
    lists = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', page, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", "".join(lists), re.DOTALL)


def signed_in(name: str) -> Client:
    client = Client()
    user, _ = User.objects.get_or_create(username=name, is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def page_of(row: Any) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


class Opened:
    """The page of `row`, opened now and saved later; after a refusal, the page that came back."""

    def __init__(self, client: Client, row: Any) -> None:
        self.client, self.address = client, page_of(row)
        self.fields: dict[str, Any] = fields_of(client.get(self.address))

    def save(self, **changes: Any) -> Any:
        response = self.client.post(self.address, self.fields | changes)
        if response.status_code == 200:
            self.fields = fields_of(response)
        return response


class FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._name = ""  # of the select or textarea that is open
        self._is_text = self._is_multiple = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif not self.forms or "disabled" in given:
            return
        elif tag == "input" and name and self._is_sent(given):
            ticked = "on" if given.get("type") in ("checkbox", "radio") else ""
            self._add(name, given.get("value", ticked))
        elif tag in ("select", "textarea"):
            self._name, self._is_text = name, tag == "textarea"
            self._is_multiple = "multiple" in given
            if self._is_text:
                self._add(name, "")
        elif tag == "option" and self._name:
            self._choose(given)

    def _is_sent(self, given: dict[str, str]) -> bool:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            return "checked" in given
        return kind not in ("submit", "button", "file", "search")

    def _choose(self, given: dict[str, str]) -> None:
        """The first option of a single choice stands until another is selected."""
        if "selected" in given and not self._is_multiple:
            self.forms[-1][self._name] = [given.get("value", "")]
        elif "selected" in given or (not self._is_multiple and self._name not in self.forms[-1]):
            self._add(self._name, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._is_text and self._name:
            self.forms[-1][self._name][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._name:
            written = self.forms[-1][self._name]
            written[-1] = written[-1].removeprefix("\n")  # as browsers read it
        if tag in ("select", "textarea"):
            self._name, self._is_text = "", False

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)
