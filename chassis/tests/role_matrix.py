"""Every view and action of a back office, asked by a person of each role.

A service's test has a table with a row for each name of `views()` and each action of its lists:
the letters of the roles that may see the page, and after a space of those that may send its form.
One word holds for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from chassis.back_office.roles import Role

LETTERS = dict(zip("OCFSAR", Role, strict=True))
ALL = "OCFSAR-"  # - is somebody without a role
NOBODY = ""
Table = Mapping[str, str]


def person(letter: str) -> Client:
    """Signed in as somebody of that role and no other right."""
    user = User.objects.create(username="sam", is_staff=True)
    user.groups.set(Group.objects.filter(name=LETTERS.get(letter, "")))
    client = Client()
    client.force_login(user)
    return client


def expected(table: Table, letter: str) -> dict[str, tuple[bool, bool]]:
    """By row: whether the role sees the page, and whether it may send what is on it."""
    found = {}
    for name, who in table.items():
        sees, _, does = who.partition(" ") if " " in who else (who, "", who)
        found[name] = (letter in sees, letter in does)
    return found


def found(client: Client, samples: Mapping[str, Any]) -> dict[str, tuple[bool, bool]]:
    """The same as the site answers; `samples` has the key of a row by `app_model`."""
    pages = {name: _tried(client, address) for name, address in views(samples)}
    return pages | dict(_actions(client, samples))


def views(samples: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each view, and an address that leads to it."""
    for pattern in _below(admin.site.urls[0]):
        name = pattern.name
        wanted = pattern.pattern.regex.groupindex
        if not name or name == "logout":
            continue
        if name == "app_list":
            for label in sorted({each._meta.app_label for each in admin.site._registry}):
                yield f"{name} {label}", reverse("admin:app_list", args=[label])
        else:
            keys = [samples["_".join(name.split("_")[:2])]] if wanted else []
            yield name, reverse(f"admin:{name}", args=keys)


def _below(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[Any]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _below(each.url_patterns)
        else:
            yield each


def _tried(client: Client, address: str) -> tuple[bool, bool]:
    return _is_let_in(client.get(address)), _is_let_in(undone(client, address, {}))


def undone(client: Client, address: str, form: Mapping[str, Any]) -> Any:
    """The answer to a form whose effects are rolled back."""
    with transaction.atomic():
        answer = client.post(address, form)
        transaction.set_rollback(True)
    return answer


def _is_let_in(answer: Any) -> bool:
    return answer.status_code not in (403, 404, 405) and "/login/" not in answer.get("Location", "")


def _actions(client: Client, samples: Mapping[str, Any]) -> Iterator[tuple[str, tuple[bool, bool]]]:
    """Whether a list offers each action of its table, and does it for whoever sends it anyway."""
    for model, pages in admin.site._registry.items():
        kind = f"{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"admin:{kind}_changelist")
        for name in [] if pages.actions is None else [*pages.actions, "delete_selected"]:
            page = client.get(address).content.decode()
            form = {"action": name, "index": 0, "_selected_action": [samples[kind]]}
            answer = undone(client, address, form)
            yield f"{kind}: {name}", (f'<option value="{name}">' in page, _was_done(answer))


def _was_done(answer: Any) -> bool:
    """A list that knows no such action says so, or is just shown again."""
    messages = [str(each) for each in getattr(answer.wsgi_request, "_messages", ())]
    is_list = answer.status_code == 200 and b'id="changelist"' in answer.content
    return _is_let_in(answer) and not is_list and "No action selected." not in messages
