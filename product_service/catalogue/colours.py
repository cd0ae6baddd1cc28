"""From any kind of pixels to RGB or RGBA of eight bits in sRGB, which every browser shows alike."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N", "I")
TO_EIGHT_BITS = [(value * 255 + 32_767) // 65_535 for value in range(65_536)]


def eight_bit(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be shrunk smoothly: L, LA, RGB, RGBA or CMYK."""
    if image.mode in SIXTEEN_BITS:
        grey = image.convert("I").point(TO_EIGHT_BITS, "L")
        grey.info = dict(image.info)
        return grey
    if image.mode in ("L", "RGB", "CMYK", "RGBA", "LA") and "transparency" not in image.info:
        image.load()
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def srgb(image: Image.Image) -> Image.Image:
    """As RGB or RGBA, converted from the profile that the picture brings."""
    alpha = image.getchannel("A") if "A" in image.getbands() else None
    colours = _converted(image.convert(image.mode.removesuffix("A")), image.info.get("icc_profile"))
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _converted(image: Image.Image, profile: bytes | None) -> Image.Image:
    """By its profile; as it is if there is none, or one that is broken or fits other pixels."""
    if profile:
        try:
            made = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            made = None
        if made is not None:
            return made
    return image.convert("RGB")
