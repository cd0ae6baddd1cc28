"""No answer of the back office is kept by anybody, nor one of the API by somebody between."""

from __future__ import annotations

from django.test import Client

from chassis.tests.back_office import addresses


def test_no_page_of_the_back_office_is_kept(admin_client: Client) -> None:
    seen = {}
    for client in (Client(), admin_client):
        for path in (*addresses(), "/admin/nowhere/"):
            seen[path] = client.get(path)["Cache-Control"]
    assert len(seen) > 10
    assert {path: values for path, values in seen.items() if "no-store" not in parts(values)} == {}


def test_an_answer_of_the_api_is_never_for_a_shared_cache_by_default(client: Client) -> None:
    assert parts(client.get("/v1/docs")["Cache-Control"]) & {"private", "no-cache", "no-store"}
    assert "no-store" in client.get("/v1/nowhere")["Cache-Control"]


def parts(values: str) -> set[str]:
    return {part.strip() for part in values.split(",")}
