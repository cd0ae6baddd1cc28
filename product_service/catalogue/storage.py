"""Pictures in the database, addressed by their content, behind Django's storage interface.

A file is named `<sha256>.webp` and never changes, so a name can be cached for ever and one
backup of the database holds all pictures. It is the default storage; large shops set
`STORAGES["default"]` to an S3 storage of django-storages instead, and nothing else changes.
"""

from __future__ import annotations

import hashlib
from typing import IO, Any

from django.apps import apps
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

MEDIA_PATH = "/media/"


@deconstructible
class BlobStorage(Storage):
    """Files as rows of `image_blob`. Saving equal bytes twice keeps one row."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise SuspiciousFileOperation("A stored picture cannot be changed.")
        data = _blobs().filter(pk=_sha256(name)).values_list("bytes", flat=True).first()
        if data is None:
            raise FileNotFoundError(name)
        return ContentFile(bytes(data), name=name)

    def _save(self, name: str, content: IO[bytes]) -> str:
        content.seek(0)
        data = content.read()
        sha256 = hashlib.sha256(data).hexdigest()
        _blobs().bulk_create([_blobs().model(sha256=sha256, bytes=data)], ignore_conflicts=True)
        return f"{sha256}.webp"

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def delete(self, name: str) -> None:
        """Nothing: another picture may have the same bytes, and an old page may show them."""

    def url(self, name: str | None) -> str:
        return f"{MEDIA_PATH}{name}"


def _blobs() -> Any:
    """The manager of ImageBlob; looked up late, since the models name this storage."""
    return apps.get_model("catalogue", "ImageBlob")._default_manager


def _sha256(name: str) -> str:
    return name.removesuffix(".webp")
