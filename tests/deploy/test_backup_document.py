"""docs/backup.md and docs/gitops.md: what they tell to type is a command and names its shop."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.deploy.manifests import ROOT

BLOCK = re.compile(r"^ *```\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
SCRIPT = re.compile(r"deploy/scripts/[\w/-]+\.sh")


def text(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def commands(name: str) -> list[str]:
    """Lines of blocks, whose continuations are joined, and code within sentences."""
    whole = text(name)
    blocks = "".join(BLOCK.findall(whole)).replace("\\\n", " ")
    return [*blocks.splitlines(), *CODE.findall(BLOCK.sub("", whole))]


@pytest.mark.parametrize("name", ["backup.md", "gitops.md"])
def test_each_block_is_read_by_a_shell(name: str) -> None:
    blocks = [each for each in BLOCK.findall(text(name)) if not each.startswith("deploy/argocd/")]
    for each in blocks:
        if each.lstrip().startswith("- "):  # a patch, not a command
            continue
        done = subprocess.run(["bash", "-n"], input=each, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), each
    assert len(blocks) >= 5


def test_each_command_for_a_cluster_says_which_shop() -> None:
    elsewhere = ("config get-contexts", "patch --local", "kubectl cp")
    asking = [
        line
        for line in commands("backup.md")
        if "kubectl " in line and not any(each in line for each in elsewhere)
    ]
    assert asking
    assert [line for line in asking if "--namespace" not in line or "--context" not in line] == []
    scripts = [
        line
        for line in commands("backup.md")
        if re.match(r"deploy/scripts/(backup|restore)\.sh .", line.strip())
    ]
    assert len(scripts) >= 6
    whole = '--context "$context" --namespace "$shop"'
    assert [line for line in scripts if whole not in line] == []


@pytest.mark.parametrize("name", ["backup.md", "gitops.md"])
def test_each_script_is_there(name: str) -> None:
    named = set(SCRIPT.findall(text(name)))
    assert len(named) >= 3
    assert [each for each in named if not (ROOT / each).is_file()] == []
