"""Pictures that tests draw, and one that only says how large it is."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

CHINESE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def drawn(text: str, *, form: str = "PNG") -> bytes:
    """Return a picture with a line of writing."""
    if text.isascii():
        font = ImageFont.load_default(36)
    else:
        if not CHINESE.exists():
            pytest.skip("a Chinese font is needed; on Debian or Ubuntu: apt install fonts-noto-cjk")
        font = ImageFont.truetype(str(CHINESE), 36)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("RGB", (int(right - left) + 60, int(bottom - top) + 60), "white")
    ImageDraw.Draw(image).text((30 - left, 30 - top), text, font=font, fill="black")
    out = BytesIO()
    image.save(out, form)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a few bytes that are a whole PNG by their header, of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
