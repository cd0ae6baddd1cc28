"""Tests that migrate by themselves: they need the schema of their own version."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def migrating_tests(root: Path, suite: str) -> list[str]:
    """As pytest knows them, by the path from the suite's own folder."""
    return [
        f"{file.relative_to(root / suite)}::{name}"
        for file in sorted((root / suite).glob("**/test_*.py"))
        for name in _named(ast.parse(file.read_text()))
    ]


def _named(module: ast.Module) -> Iterator[str]:
    for each in module.body:
        if isinstance(each, ast.FunctionDef) and any(map(_migrates, ast.walk(each))):
            yield each.name


def _migrates(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "call_command"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == "migrate"
    )
