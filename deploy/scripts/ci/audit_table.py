"""What pip-audit found, as Markdown: `audit_table.py REPORT...`, each a file in its JSON format."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(files: list[str]) -> None:
    print("### Known vulnerabilities of Python packages\n")
    for file in map(Path, files):
        packages: list[dict[str, Any]] = json.loads(file.read_text()).get("dependencies", [])
        found = [line for package in packages for line in lines(package)]
        name = file.stem.removeprefix("audit-")
        print(f"- requirements/{name}.txt: {len(packages)} audited, {len(found)} found")
        print("".join(found), end="")


def lines(package: dict[str, Any]) -> Iterator[str]:
    for each in package.get("vulns", ()):
        fixed = ", ".join(each["fix_versions"]) or "no version yet"
        yield f"  - **{package['name']} {package['version']}**: {each['id']}, fixed in {fixed}\n"


main(sys.argv[1:])
