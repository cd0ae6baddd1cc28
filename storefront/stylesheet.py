"""Joins the style sheets, one file a component, into the one that browsers load.

`static/css/site.css` imports its parts; the browser would ask for each of them. This finder hands
out site.css with the parts in place of the imports, so `collectstatic` needs no build step.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

SHEET = "css/site.css"
IMPORT = re.compile(r'^@import "([a-z_/-]+\.css)";\n', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)


class SheetStorage(FileSystemStorage):
    """A folder of static files in which site.css is read with its parts."""

    def open(self, name: str, mode: str = "rb") -> File[Any]:
        if name != SHEET:
            return super().open(name, mode)
        return ContentFile(flattened(Path(self.path(name))).encode(), name=name)


class SiteFinder(FileSystemFinder):
    """STATICFILES_DIRS, with the one style sheet put together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for prefix, root in self.locations:
            storage = SheetStorage(location=root)
            storage.prefix = prefix  # type: ignore[attr-defined]
            self.storages[root] = storage


def flattened(sheet: Path) -> str:
    """The sheet with every import replaced by the imported file, without comments."""
    text = IMPORT.sub(lambda match: (sheet.parent / match[1]).read_text(), sheet.read_text())
    return COMMENT.sub("", text)
