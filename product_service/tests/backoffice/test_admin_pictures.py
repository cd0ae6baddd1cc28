"""Pictures of products in the back office: made anew, and bad ones refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow

from chassis.tests.back_office import errors_of
from product_service.catalogue.models import (
    Image,
)
from product_service.catalogue.pictures import PictureRefused
from product_service.tests.backoffice.product_form import form, image_row, save
from product_service.tests.factories import (
    make_product,
    picture_bytes,
)

pytestmark = pytest.mark.django_db
SAY = "Say what the picture shows: the product is in the shop, or about to be."


def test_an_uploaded_picture_is_made_anew_and_served(admin_client: Client, client: Client) -> None:
    product = make_product()
    data = picture_bytes("blue", (2400, 1200), "JPEG")
    upload = SimpleUploadedFile("holiday.jpg", data, content_type="image/jpeg")

    response = save(admin_client, product, form(product) | image_row(upload=upload))

    assert response.status_code == 302, errors_of(response)
    image = Image.objects.get()
    assert (image.width, image.height, image.alt) == (1600, 800, "Front")
    served = client.get(image.file.url)
    assert served.status_code == 200
    assert served.content[:4] == b"RIFF"
    assert served.content[8:12] == b"WEBP"
    card = client.get("/v1/products").json()["items"][0]
    assert card["image"]["url"] == image.file.url


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a JPEG, PNG or WebP picture"),
        (b"GIF89a" + b"\0" * 50, "is not a JPEG, PNG or WebP picture"),
        (picture_bytes(kind="PNG")[:60], "is damaged"),
        (b"\xff\xd8\xff" + b"\0" * 500, "is damaged"),
        (b"RIFF\0\0\0\0AVI LIST" + b"\0" * 50, "is damaged"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(
    admin_client: Client, upload: bytes, error: str
) -> None:
    product = make_product()
    row = image_row(upload=SimpleUploadedFile("a.png", upload))

    errors = errors_of(save(admin_client, product, form(product) | row))

    assert len(errors) == 1
    assert error in errors[0]
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("row", "error"),
    [({"alt": ""}, SAY), ({"upload": ""}, "Choose a picture.")],
)
def test_a_picture_needs_a_file_and_a_text(
    admin_client: Client, row: dict[str, Any], error: str
) -> None:
    product = make_product()
    upload = SimpleUploadedFile("a.png", picture_bytes(kind="PNG"))

    response = save(admin_client, product, form(product) | image_row(**({"upload": upload} | row)))

    assert errors_of(response) == [error]


@pytest.mark.parametrize("where", ["add/", "{}/change/"])
def test_nothing_is_decoded_for_staff_without_the_right(
    client: Client, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    decoded: list[Any] = []

    def refuse(upload: Any) -> None:
        decoded.append(upload)
        raise PictureRefused("No.")

    monkeypatch.setattr("product_service.backoffice.pictures.prepare", refuse)
    product = make_product()
    address = f"/admin/catalogue/product/{where.format(product.pk)}"
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))

    def send() -> int:
        picture = SimpleUploadedFile("a.png", picture_bytes(kind="PNG"))
        return client.post(address, {"images-0-upload": picture}).status_code

    client.force_login(reader)
    assert (send(), decoded) == (403, [])
    client.force_login(User.objects.create_superuser("writer"))
    assert (send(), len(decoded)) == (200, 1)


@pytest.mark.parametrize(
    ("side", "error"),
    [(30_000, "The picture has far too many pixels."), (7_000, "at most 16 million can be taken")],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(
    admin_client: Client, side: int, error: str
) -> None:
    """A PNG of a few bytes whose header promises a wall of pixels."""
    product = make_product()
    header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    bomb = b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0" * 4
    row = image_row(upload=SimpleUploadedFile("bomb.png", bomb))

    errors = errors_of(save(admin_client, product, form(product) | row))

    assert len(errors) == 1
    assert error in errors[0]


def test_a_file_over_ten_megabytes_is_refused(admin_client: Client) -> None:
    product = make_product()
    large = picture_bytes(kind="PNG") + b"\0" * (10 * 1024 * 1024)
    row = image_row(upload=SimpleUploadedFile("large.png", large))

    errors = errors_of(save(admin_client, product, form(product) | row))

    assert errors == ["The file is larger than 10 MB."]


def test_nothing_but_pixels_survives(admin_client: Client) -> None:
    """A JPEG lying on its side, with EXIF and a script at its end."""
    product = make_product()
    exif = Pillow.Exif()
    exif[0x0112] = 6  # orientation: turn by 90 degrees
    exif[0x010E] = "secret place"
    buffer = io.BytesIO()
    Pillow.new("RGB", (60, 40), "red").save(buffer, "JPEG", exif=exif)
    upload = SimpleUploadedFile("a.jpg", buffer.getvalue() + b"<script>alert(1)</script>")

    save(admin_client, product, form(product) | image_row(upload=upload))

    image = Image.objects.get()
    assert (image.width, image.height) == (40, 60)
    data = image.file.read()
    assert b"secret" not in data
    assert b"script" not in data
    assert not Pillow.open(io.BytesIO(data)).getexif()
