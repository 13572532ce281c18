"""Attack cases 6 and 35."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from app.core import images
from app.core.errors import Invalid

MEGABYTE = 1_000_000


def encoded(
    kind: str = "PNG", *, mode: str = "RGB", size: tuple[int, int] = (40, 30), **options: object
) -> bytes:
    content = BytesIO()
    Image.new(
        mode, size, 120 if mode in {"L", "P", "1", "I;16", "F"} else (200, 60, 20, 255)[: len(mode)]
    ).save(content, kind, **options)
    return content.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """Return a small file that claims to be a large image."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 300_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "extension", "content_type"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("WEBP", "webp", "image/webp"),
        ("GIF", "png", "image/png"),
    ],
)
def test_an_image_is_written_anew(kind: str, extension: str, content_type: str) -> None:
    file = images.process(encoded(kind), max_bytes=MEGABYTE)
    assert (file.extension, file.content_type, file.width, file.height) == (extension, content_type, 40, 30)
    assert Image.open(BytesIO(file.content)).size == (40, 30)
    assert len(file.sha256) == 64


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    file = images.process(encoded("PNG", mode=mode), max_bytes=MEGABYTE)
    assert Image.open(BytesIO(file.content)).mode in {"L", "RGB", "RGBA"}


def test_transparency_stays() -> None:
    content = BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(content, "PNG")
    file = images.process(content.getvalue(), max_bytes=MEGABYTE)
    assert Image.open(BytesIO(file.content)).convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_photo_in_cmyk_is_taken() -> None:
    assert images.process(encoded("JPEG", mode="CMYK"), max_bytes=MEGABYTE).extension == "jpg"


def test_the_same_pixels_give_the_same_name() -> None:
    one, other = (images.process(encoded(compress_level=level), max_bytes=MEGABYTE) for level in (1, 9))
    assert one.sha256 == other.sha256


def test_a_photo_stands_upright_and_tells_no_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    data = encoded("JPEG", size=(60, 20), exif=exif.tobytes(), comment=b"SecretComment")
    assert b"SecretCamera" in data
    file = images.process(data, max_bytes=MEGABYTE)
    assert (file.width, file.height) == (20, 60)
    assert not Image.open(BytesIO(file.content)).getexif()
    assert b"Secret" not in file.content


def test_texts_and_profiles_in_a_png_are_left_behind() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SecretName")
    notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SecretPlace</x:xmpmeta>")
    data = encoded("PNG", pnginfo=notes, icc_profile=b"SecretProfile")
    file = images.process(data, max_bytes=MEGABYTE)
    assert b"Secret" not in file.content
    assert not {"icc_profile", "Author", "exif"} & set(Image.open(BytesIO(file.content)).info)


def test_an_animation_keeps_its_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    content = BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    file = images.process(content.getvalue(), max_bytes=MEGABYTE)
    image = Image.open(BytesIO(file.content))
    assert getattr(image, "n_frames", 1) == 1
    assert image.convert("RGB").getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_large_image_is_scaled_down(kind: str) -> None:
    file = images.process(encoded(kind, size=(5000, 1000)), max_bytes=MEGABYTE)
    assert (file.width, file.height) == (2560, 512)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = png_of_size(50_000, 50_000)
    assert len(bomb) < 10_000
    with pytest.raises(Invalid, match="too many pixels"):
        images.process(bomb, max_bytes=MEGABYTE)


@pytest.mark.parametrize("size", [(7_100, 7_100), (10_001, 10_000), (1_000_000, 60), (60, 1_000_000)])
def test_just_too_many_pixels_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(Invalid, match="too many pixels"):
        images.process(png_of_size(*size), max_bytes=MEGABYTE)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(Invalid, match="at most 1 MB"):
        images.process(b"x" * (MEGABYTE + 1), max_bytes=MEGABYTE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"<!DOCTYPE html><img src=x onerror=alert(1)>",
        b"%PDF-1.7 /JavaScript",
        b"PK\x03\x04" + b"\x00" * 60,
        b"MZ" + b"\x00" * 100,
        b"GIF89a/*<script>*/=1;alert(1)",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9",
        encoded("BMP"),
        encoded("TIFF"),
        encoded("ICO"),
        encoded("PPM"),
        encoded("PNG")[:60],
        encoded("JPEG")[:200],
    ],
)
def test_whatever_is_no_whole_image_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        images.process(data, max_bytes=MEGABYTE)
    assert refusal.value.field == "file"
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_script_behind_an_image_is_gone(kind: str) -> None:
    file = images.process(
        encoded(kind) + b"<script>alert(1)</script><?php system($_GET[0]) ?>", max_bytes=MEGABYTE
    )
    assert b"script" not in file.content
    assert b"php" not in file.content


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@given(st.data())
def test_a_damaged_image_never_fails_in_another_way(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(encoded(kind))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    with suppress(Invalid):
        images.process(cut, max_bytes=MEGABYTE, max_pixels=MEGABYTE)
