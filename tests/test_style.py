"""The style of the code, checked by machines: each tool is one test with its own output."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CODE = (
    *("chassis", "storefront", "product_service", "order_service", "sandbox"),
    *("deploy", "monitoring", "tests", "bench"),
)
FILES = ("conftest.py", "manage.py")
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
LARGEST_CHASSIS = 4_320  # lines of code; see docs/decisions/0002-size-of-the-chassis.md
DRAWERS = {"utils", "helpers", "common", "core", "services", "selectors"}


def run(*command: str, **variables: str) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def python_files() -> Iterator[Path]:
    for folder in CODE:
        yield from (ROOT / folder).glob("**/*.py")


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", ".")


def test_formatting_is_ruffs() -> None:
    run("ruff", "format", "--check", ".")


def test_imports_run_one_way() -> None:
    run("lint-imports")


def test_types_hold() -> None:
    run("mypy", *CODE, *FILES, DJANGO_SETTINGS_MODULE="tests.every_service")


def test_no_file_is_a_drawer() -> None:
    assert [str(path) for path in python_files() if path.stem in DRAWERS] == []


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (*python_files(), *map(ROOT.joinpath, FILES))
        if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": length
        for path in python_files()
        if "tests" not in path.relative_to(ROOT).parts and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_the_chassis_stays_small() -> None:
    modules = (ROOT / "chassis").glob("**/*.py")
    assert sum(code_lines(path) for path in modules if "tests" not in path.parts) <= LARGEST_CHASSIS


def code_lines(path: Path) -> int:
    """Lines that hold code: no blank line, no comment, no docstring."""
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    prose: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            prose.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(path.read_text().splitlines(), start=1)
    return sum(
        1
        for number, line in lines
        if number not in prose and line.strip() and line.strip()[0] != "#"
    )


def test_each_ignored_type_names_its_code() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(r"#\s*type:\s*ignore(?!\[)|#\s*mypy:\s*ignore", line)
    ]
    assert bare == []
    assert "ignore_errors" not in (ROOT / "pyproject.toml").read_text()


def test_requirements_are_hashed_and_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        content = lock.read_text()
        assert "--index-url" not in content
        assert "://" not in content
        blocks = re.split(r"\n(?=\S)", content.strip())
        assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", ["runtime", "local", "dev", "audit", "checkov", "uv"])
def test_what_pyproject_names_is_pinned(name: str) -> None:
    """Whoever changes a dependency and forgets `make lock` is told."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {"runtime": declared["project"]["dependencies"]} | declared["dependency-groups"]
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    wanted = [Requirement(each) for each in groups[name] if isinstance(each, str)]
    assert len(wanted) > 0
    assert [str(each) for each in wanted if not each.specifier.contains(pins[each.name])] == []
