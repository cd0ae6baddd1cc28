"""Uploaded pictures: converted to sRGB of eight bits, in sizes, within the memory of a pod."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from PIL import Image as Pillow
from PIL import ImageCms

from product_service.catalogue import pictures, shrinking
from product_service.catalogue.models import Image, ImageBlob
from product_service.catalogue.renditions import Rendition
from product_service.tests.backoffice.product_form import form, image_row, save
from product_service.tests.catalogue.profiles import ADOBE_RGB, DISPLAY_P3, GREY_1
from product_service.tests.factories import make_image, make_product, picture_bytes
from tests.effort import third

POD_BYTES = 256 * 1024 * 1024
WORKERS_BYTES = 140 * 1024 * 1024  # of gunicorn and two workers, measured as PSS
NEAR = 3  # of 255: WebP loses a little


def saved(image: Pillow.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def shown(data: bytes) -> Pillow.Image:
    """What shoppers get of the file."""
    _, _, _, made = shrinking.shrink(io.BytesIO(data), [pictures.SIDE_MAX])[0]
    return Pillow.open(io.BytesIO(made))


def assert_colour(image: Pillow.Image, expected: tuple[int, ...]) -> None:
    found = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    assert image.mode == ("RGBA" if len(expected) == 4 else "RGB")
    assert all(abs(a - b) <= NEAR for a, b in zip(found, expected, strict=True)), found


def sixteen_bit_rgb(value: tuple[int, int, int]) -> bytes:
    """A PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    row = b"\0" + struct.pack(">HHH", *value) * 8
    header = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 8)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def palette_with_transparency() -> bytes:
    image = Pillow.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    return saved(image, "PNG", transparency=1)


PLAIN: dict[str, tuple[Callable[[], bytes], tuple[int, ...]]] = {
    "16-bit grey": (
        lambda: saved(Pillow.new("I;16", (8, 8), 128 * 257), "PNG"),
        (128, 128, 128),
    ),
    "16-bit RGB": (lambda: sixteen_bit_rgb((200 * 257, 100 * 257, 50 * 257)), (200, 100, 50)),
    "1 bit": (lambda: saved(Pillow.new("1", (8, 8), 1), "PNG"), (255, 255, 255)),
    "CMYK": (lambda: saved(Pillow.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), (255, 0, 0)),
    "palette with transparency": (palette_with_transparency, (0, 0, 0, 0)),
    "grey with transparency": (
        lambda: saved(Pillow.new("LA", (8, 8), (90, 255)), "PNG"),
        (90, 90, 90),
    ),
    "RGBA": (
        lambda: saved(Pillow.new("RGBA", (8, 8), (200, 100, 50, 128)), "PNG"),
        (200, 100, 50, 128),
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_every_kind_of_pixels_keeps_its_colour(name: str) -> None:
    make, colour = PLAIN[name]

    found = shown(make())

    if colour[3:] == (0,):  # the colour of what is not seen is nobody's concern
        assert found.getpixel((4, 4))[3] == 0  # type: ignore[index]
    else:
        assert_colour(found, colour)


@pytest.mark.parametrize(
    ("profile", "mode", "stored", "expected"),
    [
        (DISPLAY_P3, "RGB", (200, 100, 50), (216, 93, 24)),
        (ADOBE_RGB, "RGB", (200, 100, 50), (227, 100, 42)),
        (GREY_1, "L", 128, (188, 188, 188)),
        (b"no profile at all", "RGB", (200, 100, 50), (200, 100, 50)),
        (GREY_1, "RGB", (200, 100, 50), (200, 100, 50)),
    ],
    ids=["Display P3", "Adobe RGB", "grey gamma", "broken", "of other pixels"],
)
def test_a_colour_profile_is_applied(
    profile: bytes, mode: str, stored: Any, expected: tuple[int, int, int]
) -> None:
    for kind in ("JPEG", "PNG") if mode == "L" else ("JPEG", "PNG", "WEBP"):  # no grey in WebP
        options = {"quality": 100} if kind != "PNG" else {}
        data = saved(Pillow.new(mode, (16, 16), stored), kind, icc_profile=profile, **options)

        found = shown(data)

        assert_colour(found, expected)
        assert "icc_profile" not in found.info


def test_a_photo_stands_upright() -> None:
    image = Pillow.new("RGB", (64, 32), "red")
    image.paste("blue", (0, 0, 32, 32))  # left; turned by a quarter it is at the top
    exif = Pillow.Exif()
    exif[0x0112] = 6

    found = shown(saved(image, "JPEG", exif=exif, quality=95))

    assert found.size == (32, 64)
    assert found.getpixel((16, 8))[2] > 200  # type: ignore[index]
    assert "exif" not in found.info


def animated(kind: str) -> bytes:
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (animated("WEBP"), "The picture is animated. Choose one that does not move."),
        (animated("PNG"), "The picture is animated. Choose one that does not move."),
        (saved(Pillow.effect_noise((99, 99), 90), "JPEG")[:900], "The file is damaged"),
        (saved(Pillow.effect_noise((99, 99), 90), "PNG")[:900], "The file is damaged"),
        (saved(Pillow.effect_noise((99, 99), 90), "WEBP")[:900], "The file is damaged"),
        (animated("GIF"), "The file is not a JPEG, PNG or WebP picture."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "The file is not a JPEG, PNG or WebP"),
        (b"", "The file is not a JPEG, PNG or WebP picture."),
    ],
)
def test_what_is_no_still_picture_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(pictures.PictureRefused, match=sentence):
        pictures.prepare(SimpleUploadedFile("a", data))


LARGEST = {
    "progressive": ("RGB", (5_400, 3_900), {"quality": 60, "progressive": True}),
    "PNG": ("RGBA", (3_200, 2_450), {"compress_level": 1}),
    "JPEG": ("RGB", (7_200, 5_400), {"quality": 60}),
    "WEBP": ("RGBA", (2_000, 2_000), {"quality": 40, "method": 0}),
}
MEASURE = """
import json, resource, subprocess, sys
command = [sys.executable, "-m", "product_service.catalogue.shrinking", "1600", "640"]
done = subprocess.run(command, stdin=open(sys.argv[1], "rb"), capture_output=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([done.returncode, peak, done.stdout[:200].decode("utf-8", "replace")]))
"""


@pytest.mark.parametrize("name", third(LARGEST))
def test_the_largest_pictures_are_opened_in_a_fraction_of_a_pod(name: str, tmp_path: Any) -> None:
    mode, size, options = LARGEST[name]
    kind = "JPEG" if name == "progressive" else name
    file = tmp_path / "large"
    file.write_bytes(saved(Pillow.new(mode, size, 77), kind, **options))

    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], capture_output=True, check=True
    )

    code, peak_kib, answer = json.loads(measured.stdout)
    assert code == 0, answer
    assert peak_kib * 1024 < POD_BYTES - WORKERS_BYTES


def test_a_web_worker_decodes_nothing_itself() -> None:
    """Its own memory and its interpreter lock are spared: the work is a child's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    large = saved(Pillow.new("RGB", (4_000, 3_000), "red"), "JPEG")
    pictures.prepare(SimpleUploadedFile("a", large))

    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before


def test_an_upload_on_disk_is_opened_from_there() -> None:
    """Django keeps those over 2.5 MB in a file, and the first bytes were read already."""
    data = saved(Pillow.effect_noise((900, 700), 90).convert("RGB"), "PNG", compress_level=0)
    with TemporaryUploadedFile("a.png", "image/png", len(data), None) as upload:
        upload.write(data)
        upload.seek(0)
        made = pictures.prepare(upload)

    assert (made.width, made.height) == (900, 700)
    assert [smaller.width for smaller in made.smaller] == [640, 320, 160]


@pytest.mark.django_db
def test_the_api_gives_a_picture_in_its_sizes(admin_client: Client, client: Client) -> None:
    product = make_product()
    upload = SimpleUploadedFile("a.jpg", picture_bytes("blue", (2_400, 1_200), "JPEG"))
    save(admin_client, product, form(product) | image_row(upload=upload))

    answers = [
        client.get("/v1/products").json()["items"][0]["image"],
        client.get(f"/v1/products/{product.slug}").json()["images"][0],
        client.get("/v1/categories").json()["items"][0]["image"],
    ]

    assert answers[0] == answers[1] == answers[2]
    assert [size["width"] for size in answers[0]["sizes"]] == [160, 320, 640]
    for size in answers[0]["sizes"]:
        served = client.get(size["url"])
        assert Pillow.open(io.BytesIO(served.content)).size == (size["width"], size["width"] // 2)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_for_a_picture(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends a transaction that is idle for five seconds."""
    product = make_product()
    in_transaction = []
    shrunk = pictures.shrunk

    def watched(file: Any, sides: Any) -> Any:
        in_transaction.append(connection.in_atomic_block)
        return shrunk(file, sides)

    monkeypatch.setattr(pictures, "shrunk", watched)
    upload = SimpleUploadedFile("a.png", picture_bytes(kind="PNG"))
    response = save(admin_client, product, form(product) | image_row(upload=upload))

    assert response.status_code == 302
    assert in_transaction == [False]


def stored(colour: str) -> str:
    """The file of a picture of 800 x 400 that a shop has without sizes."""
    data = picture_bytes(colour, (800, 400))
    image = make_image(make_product(), colour=colour)
    name = str(image.file.name)
    ImageBlob.objects.filter(pk=name[:64]).update(bytes=data)
    Image.objects.filter(pk=image.pk).update(width=800, height=400)
    return name


@pytest.mark.django_db
def test_the_command_makes_the_sizes_that_are_missing_and_no_more(capsys: Any) -> None:
    make_image(make_product(), colour="red")  # 40 x 30, smaller than every size
    source = stored("green")
    Rendition.objects.create(source=source, side=640, width=640, height=320, file="there.webp")

    call_command("make_picture_sizes")
    call_command("make_picture_sizes")

    assert capsys.readouterr().out.splitlines() == [
        "Made 2 sizes of 1 pictures.",
        "Made 0 sizes of 0 pictures.",
    ]
    sizes = Rendition.objects.order_by("side").values_list("width", "height")
    assert list(sizes) == [(160, 80), (320, 160), (640, 320)]
    assert Rendition.objects.get(side=640).file == "there.webp"


@pytest.mark.django_db
def test_the_command_goes_on_after_a_picture_that_it_cannot_read(capsys: Any) -> None:
    broken, _ = sorted([stored("red"), stored("green")])
    ImageBlob.objects.filter(pk=broken[:64]).update(bytes=b"RIFF")

    with pytest.raises(CommandError, match=f"{broken}: The file is damaged"):
        call_command("make_picture_sizes")

    assert "Made 3 sizes of 1 pictures." in capsys.readouterr().out


def test_the_profiles_of_these_tests_are_what_they_say() -> None:
    for profile, space in ((DISPLAY_P3, "RGB "), (ADOBE_RGB, "RGB "), (GREY_1, "GRAY")):
        assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space == space
