"""The files of deploy/terraform/eks as Python objects.

No program of HashiCorp's is needed, so nothing is said of what the provider accepts: that each name
leads somewhere, and what the shop relies on, is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

from tests.deploy.manifests import ROOT

FOLDER = ROOT / "deploy" / "terraform" / "eks"
PLAIN = SerializationOptions(with_comments=False, strip_string_quotes=True)
Block = dict[str, Any]


@cache
def files() -> dict[str, Block]:
    return {
        each.name: hcl2.loads(each.read_text(), serialization_options=PLAIN)
        for each in sorted(FOLDER.glob("*.tf"))
    }


def blocks(kind: str) -> Iterator[tuple[tuple[str, ...], Block]]:
    """The blocks of a kind, such as `variable`, each with its labels."""
    for content in files().values():
        for block in content.get(kind, ()):
            yield from _labelled(block, ())


def _labelled(block: Block, labels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Block]]:
    if "__is_block__" in block:
        yield labels, {name: each for name, each in block.items() if name != "__is_block__"}
        return
    for label, inner in block.items():
        yield from _labelled(inner, (*labels, label))


def resources(kind: str) -> dict[str, Block]:
    """Resources of a kind by their names."""
    return {labels[1]: block for labels, block in blocks("resource") if labels[0] == kind}


def code() -> str:
    """All files without their comments."""
    lines = [line for each in FOLDER.glob("*.tf") for line in each.read_text().splitlines()]
    return "\n".join(re.sub(r"(^|\s)#.*", "", line) for line in lines)
