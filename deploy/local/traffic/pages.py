"""A page as a shopper without JavaScript uses it: links to follow and forms to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form with the values that it would send as it stands."""

    action: str  # empty: the page's own address
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)  # of radio buttons


class Page(HTMLParser):
    """Links in their order, and the forms that are sent by POST."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open: Form | None = None
        self.feed(text)

    def links_to(self, start: str) -> list[str]:
        return [link for link in self.links if link.startswith(start)]

    def form(self, action: str = "") -> Form | None:
        """The form that is sent to `action`, if the page has one."""
        return next((form for form in self.forms if form.action == action), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form" and values.get("method") == "post":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        elif tag == "input" and self._open is not None and "name" in values:
            self._read(self._open, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _read(self, form: Form, values: dict[str, str]) -> None:
        name, value = values["name"], values.get("value", "")
        if values.get("type") == "radio":
            form.choices.setdefault(name, []).append(value)
            if "checked" not in values:
                return
        form.fields[name] = value
