"""From a file that somebody uploads to a picture that can be shown to everybody.

    size cap -> first bytes -> format and pixels from the header -> decode -> turn, shrink
             -> encode anew as WebP -> name by content

Nothing of the file survives but its pixels: no EXIF, no second format in one file, no script. What
is refused is refused before it is decoded, and says why in a sentence for the person who sent it.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000  # of the upload; decoding needs four bytes each
SIDE_MAX = 1_600  # of what is kept
QUALITY = 82
FORMATS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}


class PictureRefused(Exception):
    """The file is no picture that we take; the message says why."""


@dataclass(frozen=True)
class Picture:
    """A finished WebP picture."""

    data: bytes
    width: int
    height: int

    def store(self) -> str:
        """Keep it; returns its name, `<sha256>.webp`."""
        name = f"{hashlib.sha256(self.data).hexdigest()}.webp"
        return default_storage.save(name, ContentFile(self.data))


def prepare(upload: UploadedFile[bytes]) -> Picture:
    """The picture in `upload`, made safe and small. Raises PictureRefused."""
    if upload.size is None or upload.size > BYTES_MAX:
        raise PictureRefused(f"The file is larger than {BYTES_MAX // 2**20} MB.")
    data = upload.read()
    if not data.startswith(tuple(FORMATS.values())):
        raise PictureRefused("The file is not a JPEG, PNG or WebP picture.")
    return _encode(_decode(data))


def _decode(data: bytes) -> Image.Image:
    """Open reads the header only, so the size is known before any pixel is decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=list(FORMATS))
        if image.width * image.height > PIXELS_MAX:
            raise PictureRefused(
                f"The picture has {image.width} x {image.height} pixels;"
                f" at most {PIXELS_MAX // 10**6} million can be taken."
            )
        image.load()
        return ImageOps.exif_transpose(image)
    except Image.DecompressionBombError:
        raise PictureRefused("The picture has far too many pixels.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise PictureRefused("The file is damaged: it cannot be read as a picture.") from None


def _encode(image: Image.Image) -> Picture:
    kept = image.convert("RGBA" if image.has_transparency_data else "RGB")
    kept.thumbnail((SIDE_MAX, SIDE_MAX))
    kept.info.clear()  # or Pillow would write EXIF and colour profile again
    buffer = io.BytesIO()
    kept.save(buffer, "WEBP", quality=QUALITY, method=4)
    return Picture(buffer.getvalue(), kept.width, kept.height)
