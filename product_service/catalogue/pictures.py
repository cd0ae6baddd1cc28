"""From a file that somebody uploads to a picture that can be shown to everybody, in a few sizes.

    size cap -> first bytes -> a process of its own (`shrinking`): format and pixels from the header
             -> decode -> turn, shrink, convert to sRGB -> encode anew as WebP -> name by content

Nothing of the file survives but its pixels: no EXIF, no second format in one file, no script. What
is refused says why in a sentence for the person who sent it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from product_service.catalogue.shrinking import FORMATS, REFUSED

BYTES_MAX = 10 * 1024 * 1024
SIDE_MAX = 1_600  # of what is kept
# Longest sides of the smaller ones: a line of a cart, a card, and a card on a dense screen.
SIDES = (640, 320, 160)
SECONDS_MAX = 20  # with the time spent waiting for another picture
ROOT = Path(__file__).resolve().parents[2]
# All that the process which reads foreign bytes gets: no secrets.
ENVIRONMENT = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


class PictureRefused(Exception):
    """The file is no picture that we take; the message says why."""


@dataclass(frozen=True)
class Picture:
    """A finished WebP picture, and the same one smaller."""

    data: bytes
    width: int
    height: int
    side: int  # what it was asked to fit in
    smaller: tuple[Picture, ...] = ()

    def store(self) -> str:
        """Keep it; returns its name, `<sha256>.webp`."""
        name = f"{hashlib.sha256(self.data).hexdigest()}.webp"
        return default_storage.save(name, ContentFile(self.data))


def prepare(upload: UploadedFile[bytes]) -> Picture:
    """The picture in `upload`, made safe and small. Raises PictureRefused.

    It takes up to seconds, so ask before a transaction begins; asked again, the answer is there.
    """
    known: Picture | PictureRefused | None = getattr(upload, "prepared", None)
    if known is None:
        known = _prepared(upload)
        upload.prepared = known  # type: ignore[attr-defined]
    if isinstance(known, PictureRefused):
        raise known
    return known


def _prepared(upload: UploadedFile[bytes]) -> Picture | PictureRefused:
    if upload.size is None or upload.size > BYTES_MAX:
        return PictureRefused(f"The file is larger than {BYTES_MAX // 2**20} MB.")
    if not upload.read(16).startswith(tuple(FORMATS.values())):
        return PictureRefused("The file is not a JPEG, PNG or WebP picture.")
    upload.seek(0)
    file: Any = upload.file if isinstance(upload, TemporaryUploadedFile) else upload.read()
    try:
        first, *smaller = shrunk(file, (SIDE_MAX, *SIDES))
    except PictureRefused as refused:
        return refused
    return replace(first, smaller=tuple(smaller))


def shrunk(file: bytes | IO[bytes], sides: Sequence[int]) -> list[Picture]:
    """The picture at most that large, the first of `sides` always. Raises PictureRefused.

    A file on disk is not read into this process.
    """
    given: dict[str, Any] = {"input": file} if isinstance(file, bytes) else {"stdin": file}
    command = [sys.executable, "-m", "product_service.catalogue.shrinking", *map(str, sides)]
    try:
        done = subprocess.run(  # noqa: S603 - numbers of ours
            command,
            **given,
            capture_output=True,
            timeout=SECONDS_MAX,
            cwd=ROOT,
            env=ENVIRONMENT,
        )
    except subprocess.TimeoutExpired:
        raise PictureRefused("The picture took too long to open. Save it smaller.") from None
    if done.returncode == REFUSED:
        raise PictureRefused(done.stdout.decode())
    if done.returncode != 0:
        raise PictureRefused(
            "The picture could not be opened. Save it anew as a JPEG, PNG or WebP picture."
        )
    return _read(done.stdout)


def _read(answer: bytes) -> list[Picture]:
    index, _, rest = answer.partition(b"\n")
    pictures = []
    for side, width, height, length in json.loads(index):
        pictures.append(Picture(rest[:length], width, height, side))
        rest = rest[length:]
    return pictures
