"""The versions of the catalogue, as product_service tells them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from storefront.tests.stubs.server import Reply, Request


def versioned(answer: Callable[[Request], Reply], request: Request, state: object) -> Reply:
    """`answer`, with the version of `state`: another one as soon as a test has changed anything."""
    version = hashlib.sha256(repr(state).encode()).hexdigest()[:16]
    if request.path == "/v1/catalogue/version":
        return Reply(body={"version": version})
    reply = answer(request)
    if request.method == "GET" and reply.status == 200 and reply.content is None:
        return replace(reply, headers={"Catalogue-Version": version})
    return reply
