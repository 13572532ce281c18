"""Image files."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def make_image(kind: str = "PNG", *, color: str = "orange", size: tuple[int, int] = (40, 30)) -> bytes:
    """Return the bytes of an image; another color is another file."""
    content = BytesIO()
    Image.new("RGB", size, color).save(content, kind)
    return content.getvalue()
