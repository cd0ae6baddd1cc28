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
from collections.abc import Sequence
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from product_service.catalogue.colours import eight_bit, srgb

FORMATS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
PIXELS_MAX = 40_000_000
# A pod has 256 MiB, of which its web workers take 150.
DECODED_BYTES = 64_000_000  # of one picture
MEMORY_BYTES = 112 * 1024 * 1024  # of all data of this process
CPU_SECONDS = 8
# Bytes a pixel while it is decoded and shrunk, by Pillow's mode; other modes take less.
COSTS = {"RGB": 4, "RGBA": 8, "LA": 8, "I;16": 7, "I": 9, "P": 5, "CMYK": 4}
COST_TRANSPARENT = 9  # of a palette or of a colour that is left out
COST_WEBP = 16
QUALITY = 82
REFUSED = 3


class Refused(Exception):
    """The file is no picture that we take; the message says why."""


def main(sides: list[int]) -> int:
    """Do as the module says; returns the exit code."""
    _bound()
    try:
        pictures = shrink(_file(), sides)
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


def shrink(file: IO[bytes], sides: list[int]) -> list[tuple[int, int, int, bytes]]:
    """WebP pictures as (side, width, height, bytes). Raises Refused.

    There is one for the first of `sides`, and one for each further side that is really smaller.
    """
    image = _decode(file, sides[0])
    made: list[tuple[int, int, int, bytes]] = []
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


def _file() -> IO[bytes]:
    """Standard input: a file on disk is read piece by piece, a pipe at once."""
    given = sys.stdin.buffer
    return given if given.seekable() else io.BytesIO(given.read())


def _decode(file: IO[bytes], side: int) -> Image.Image:
    """Upright, in sRGB, and not much larger than `side`. Opening reads the header only."""
    try:
        image = Image.open(file, formats=list(FORMATS))
        _refuse_too_large(image)
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise Refused("The picture is animated. Choose one that does not move.")
        image.draft(None, (side, side))  # a JPEG at the size that is needed
        plain = eight_bit(image)
        plain.thumbnail((side, side), reducing_gap=2.0)
        return srgb(ImageOps.exif_transpose(plain))
    except Image.DecompressionBombError:
        raise Refused("The picture has far too many pixels.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, TypeError):
        raise Refused("The file is damaged: it cannot be read as a picture.") from None


def _refuse_too_large(image: ImageFile) -> None:
    most = min(PIXELS_MAX, int(DECODED_BYTES / _bytes_a_pixel(image)))
    if image.width * image.height > most:
        hint = (
            "" if most == PIXELS_MAX else " Save it smaller, or as a JPEG that is not progressive."
        )
        raise Refused(
            f"The picture has {image.width} x {image.height} pixels;"
            f" at most {most / 10**6:.3g} million can be taken.{hint}"
        )


def _bytes_a_pixel(image: ImageFile) -> float:
    """A JPEG is decoded at the size that is needed; all other kinds are in memory whole."""
    if isinstance(image, JpegImageFile):
        return _bytes_of_layers(image.layer) if image.info.get("progressive") else 1
    if image.format == "WEBP":
        return COST_WEBP
    if "transparency" in image.info:
        return COST_TRANSPARENT
    return COSTS.get(image.mode, 2)


def _bytes_of_layers(layers: Sequence[tuple[int, int, int, int]]) -> float:
    """Two bytes a sample are kept of every layer until the last pass of a progressive JPEG."""
    samples = [across * down for _, across, down, _ in layers]
    return 2 * sum(samples) / max(samples)


def _encode(image: Image.Image) -> bytes:
    """Nothing but its pixels: Pillow would write EXIF and the colour profile again."""
    image.info.clear()
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main([int(side) for side in sys.argv[1:]]))
