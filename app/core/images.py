"""Uploaded images: nothing of the file is kept but its pixels.

What is sent is decoded and written anew, so that no script hidden in an image, no place where a
photo was taken and no broken structure ever reaches another visitor. Animations keep their first
frame only: a question about a device needs a picture, and moving ones distract (WCAG 2.2.2).
"""

from __future__ import annotations

import struct
import threading
import zlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import Invalid
from app.core.files import CheckedFile
from app.core.i18n import gettext as _

MAX_PIXELS = 50_000_000
"""Enough for a phone's 48-megapixel photo."""

LONGEST_SIDE = 2560
"""Larger images are scaled down to it: every screenshot stays readable."""

_FORMATS = {"GIF": "PNG", "JPEG": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
_EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    IndexError,
    KeyError,
    TypeError,
)
_TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# A large image takes some 200 MB while it is decoded: never more than two in one process.
_GATE = threading.BoundedSemaphore(2)

# Pillow's own check would warn below our limit.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def process(data: bytes, *, max_bytes: int, max_pixels: int = MAX_PIXELS, field: str = "file") -> CheckedFile:
    """Return an image written anew; raise Invalid for anything that is not a PNG, JPEG, WebP or GIF image in bounds.

    The size is read from the header: a bomb is refused before a pixel of it is decoded.
    """
    if len(data) > max_bytes:
        limit = max_bytes // 1_000_000
        raise Invalid(field, _("This image is too large: at most %(n)s MB can be uploaded.") % {"n": limit})
    try:
        with Image.open(BytesIO(data), formats=tuple(_FORMATS)) as image:
            if image.width * image.height > max_pixels:
                raise _too_many_pixels(field, max_pixels)
            with _GATE:
                return _rewritten(image)
    except _TOO_MANY_PIXELS:
        raise _too_many_pixels(field, max_pixels) from None
    except UnidentifiedImageError:
        raise Invalid(field, _("This is no image we can show. Use PNG, JPEG, WebP or GIF.")) from None
    except _BROKEN as error:
        raise Invalid(
            field, _("This image is damaged and can't be read. Save it anew and try again.")
        ) from error


def _too_many_pixels(field: str, max_pixels: int) -> Invalid:
    limit = max_pixels // 1_000_000
    return Invalid(
        field, _("This image has too many pixels: at most %(n)s million can be shown.") % {"n": limit}
    )


def _rewritten(image: Image.Image) -> CheckedFile:
    target = _FORMATS[image.format or ""]
    if target == "JPEG":
        # Lets the decoder shrink while it reads: a tenth of the memory for a phone's photo.
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    pixels = _pixels_only(upright, target)
    content = BytesIO()
    if target == "PNG":
        pixels.save(content, "PNG", compress_level=9)
    else:
        pixels.save(content, target, quality=85)
    return CheckedFile(content.getvalue(), _EXTENSIONS[target], pixels.width, pixels.height)


def _pixels_only(image: Image.Image, target: str) -> Image.Image:
    """Return a new image with the same pixels: comments, profiles, places and palettes stay behind."""
    if target == "JPEG":
        mode = "L" if image.mode in ("1", "L") else "RGB"
    else:
        mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("1", "L") else "RGB"
    converted = image.convert(mode)
    clean = Image.new(mode, converted.size)
    clean.paste(converted)
    return clean
