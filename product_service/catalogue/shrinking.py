"""Decodes one picture in a process of its own, so that no web worker's memory or time is spent.

    stdin    the file
    argv     longest sides of what is wanted, the largest first
    stdout   a line of JSON, [[side, width, height, bytes], ...], and then those WebP pictures
    exit     0, or REFUSED with a sentence on stdout for the person who sent the file

One picture is decoded at a time on a machine, whatever the number of its web workers: the memory of
a pod holds one. It imports Pillow and nothing of Django.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import resource
import sys

from PIL import Image, ImageOps, UnidentifiedImageError

from product_service.catalogue.colours import eight_bit, srgb

FORMATS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
# A JPEG is decoded at the size that is needed. The other formats must be in memory whole, at 8 to
# 16 bytes a pixel, and so must the layers of a progressive JPEG, at 6.
PIXELS_MAX = {"JPEG": 40_000_000, "PNG": 12_000_000, "WEBP": 6_000_000}
PIXELS_MAX_PROGRESSIVE = 16_000_000
MEMORY_BYTES = 144 * 1024 * 1024  # data of this process; a pod has 256 MiB
CPU_SECONDS = 8
QUALITY = 82
REFUSED = 3


class Refused(Exception):
    """The file is no picture that we take; the message says why."""


def main(sides: list[int]) -> int:
    """Do as the module says; returns the exit code."""
    _bound()
    try:
        pictures = shrink(sys.stdin.buffer.read(), sides)
    except Refused as refused:
        sys.stdout.write(str(refused))
        return REFUSED
    except MemoryError:
        sys.stdout.write("The picture needs too much memory. Save it smaller, or as a plain JPEG.")
        return REFUSED
    index = [[side, width, height, len(data)] for side, width, height, data in pictures]
    sys.stdout.buffer.write(json.dumps(index).encode() + b"\n")
    sys.stdout.buffer.writelines(data for *_, data in pictures)
    return 0


def shrink(data: bytes, sides: list[int]) -> list[tuple[int, int, int, bytes]]:
    """WebP pictures as (side, width, height, bytes). Raises Refused.

    There is one for the first of `sides`, and one for each further side that is really smaller.
    """
    image = _decode(data, sides[0])
    made = []
    for side in sides:
        if made and side >= max(image.size):
            continue
        image.thumbnail((side, side))
        made.append((side, image.width, image.height, _encode(image)))
    return made


def _bound() -> None:
    fcntl.flock(os.open(__file__, os.O_RDONLY), fcntl.LOCK_EX)  # until this process ends
    for limit, value in (
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _decode(data: bytes, side: int) -> Image.Image:
    """Upright, in sRGB, and not much larger than `side`. Opening reads the header only."""
    try:
        image = Image.open(io.BytesIO(data), formats=list(FORMATS))
        _refuse_too_large(image)
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise Refused("The picture is animated. Choose one that does not move.")
        image.draft(None, (side, side))  # a JPEG at the size that is needed
        image = eight_bit(image)
        image.thumbnail((side, side), reducing_gap=2.0)
        return srgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise Refused("The picture has far too many pixels.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, TypeError):
        raise Refused("The file is damaged: it cannot be read as a picture.") from None


def _refuse_too_large(image: Image.Image) -> None:
    format_ = "JPEG" if image.format == "MPO" else str(image.format)
    most = PIXELS_MAX[format_]
    if image.info.get("progressive"):
        most = PIXELS_MAX_PROGRESSIVE
    if image.width * image.height > most:
        hint = "" if most == PIXELS_MAX["JPEG"] else " Save it smaller, or as a plain JPEG."
        raise Refused(
            f"The picture has {image.width} x {image.height} pixels;"
            f" at most {most // 10**6} million can be taken.{hint}"
        )


def _encode(image: Image.Image) -> bytes:
    """Nothing but its pixels: Pillow would write EXIF and the colour profile again."""
    image.info.clear()
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main([int(side) for side in sys.argv[1:]]))
