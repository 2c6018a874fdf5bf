"""What a describer is, and what a file that came from anywhere must be before one sees it."""

import warnings
from io import BytesIO
from typing import Final, Protocol

from agents.errors import RedianError

IMAGE: Final = "image"
AUDIO: Final = "audio"

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_PIXELS: Final = 24_000_000
MAX_SIDE: Final = 16_384
MAX_CHARS: Final = 2_000
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"ID3", "audio/mp3"),
    (b"\xff\xfb", "audio/mp3"),
    (b"\xff\xf3", "audio/mp3"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
)


class Unfit(RedianError):
    """A file that no describer sees: of no known kind, damaged, or beyond the limits."""


class DescriberFailed(RedianError):
    """A describer that did not answer; the next file may be described."""


class Describer(Protocol):
    """Anything that describes files of one kind."""

    @property
    def kind(self) -> str:
        """What it tells: "ocr", "caption" or "speech"."""

    @property
    def takes(self) -> str:
        """`IMAGE` or `AUDIO`."""

    @property
    def name(self) -> str:
        """The model, as descriptions name it."""

    async def describe(self, data: bytes, mime: str) -> str:
        """Return what a file says or shows, "" for nothing. The file was judged by `mime_of` and `check_image`.

        Raises:
            DescriberFailed: it cannot be told now.
            Unfit: the file is not what its beginning says.
        """

    async def close(self) -> None:
        """End what runs for it."""


def mime_of(data: bytes) -> str:
    """Return what a file is by its first bytes, whatever a server calls it.

    Raises:
        Unfit: nothing that describers know.
    """
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return mime
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if data[8:12] == b"WEBP" else "audio/wav"
    if data[4:8] == b"ftyp" and data[8:11] in (b"M4A", b"M4B"):
        return "audio/m4a"
    raise Unfit("neither a picture nor a recording of a known kind")


def check_image(data: bytes) -> None:
    """Return for a picture that may be decoded, having read its header alone.

    Raises:
        Unfit: it has no readable header, or more pixels than `MAX_PIXELS`.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # Pillow's own limit lies above ours, which is judged below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
    except Image.DecompressionBombError:
        raise Unfit(f"a picture of more than {MAX_PIXELS:,} pixels") from None
    except Exception as error:  # noqa: BLE001 - whatever a decoder says of a stranger's bytes
        raise Unfit(f"no picture that can be read: {type(error).__name__}") from None
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Unfit(f"a picture of {width:,} × {height:,} pixels")
