"""Reads the writing in pictures, from standard input to standard output: a process that may be killed.

A request is its length in four bytes, big-endian, and a picture; an answer is a line of JSON. The limit of memory is
set before the first byte is read; where the system has none, the parent's patience and its look at the header remain.
"""

import struct
import sys
from collections.abc import Iterable
from io import BytesIO
from typing import Any, BinaryIO, Final

import msgspec

from agents.adapters.media.describer import FORMATS, MAX_CHARS, Unfit, check_image

MEMORY_BYTES: Final = 4 * 1024 * 1024 * 1024
LENGTH: Final = struct.Struct(">I")
LONGEST_SIDE: Final = 1600
"""Pixels that the model sees at most: writing that is lost by this cannot be read on a telephone either."""

_SURE: Final = 0.6


class Outcome(msgspec.Struct):
    """What a picture says, or in one line why it cannot be read."""

    text: str = ""
    why: str = ""


def make_reader() -> Any:
    """Return RapidOCR with the models that its package carries, which read Chinese and English."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False, **threads})


def read(reader: Any, data: bytes) -> str:
    """Return the lines of writing in a picture, from top to bottom, "" for none.

    Raises:
        Unfit: it is no picture, or too large a one.
    """
    import numpy as np
    from PIL import Image, ImageOps

    check_image(data)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded small
            upright = ImageOps.exif_transpose(image.convert("RGBA"))
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright, mask=upright.getchannel("A"))
    except Exception as error:  # noqa: BLE001 - whatever a decoder says of a stranger's bytes
        raise Unfit(f"a picture that breaks off or is damaged: {type(error).__name__}") from None
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    found = reader(np.asarray(flat)[:, :, ::-1])
    if found.boxes is None:
        return ""
    return in_lines(found.boxes, found.txts, found.scores)[:MAX_CHARS]


def in_lines(boxes: Iterable[Any], texts: Iterable[str], scores: Iterable[float]) -> str:
    """Return what is read with some certainty, pieces of one line with a space between them.

    Args:
        boxes: four corners (x, y) of each piece, from the upper left on clockwise; in the order of reading.
        texts: of the pieces.
        scores: how sure each is, 0 to 1.
    """
    told, middle = "", 0.0
    for box, text, score in zip(boxes, texts, scores, strict=True):
        if score < _SURE:
            continue
        top, bottom = float(box[0][1]), float(box[2][1])
        before, middle = middle, (top + bottom) / 2
        told += (" " if abs(middle - before) < (bottom - top) / 2 else "\n") * bool(told) + text
    return told


def serve(requests: BinaryIO, answers: BinaryIO, reader: Any) -> None:
    """Answer requests until there are none."""
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        data = requests.read(LENGTH.unpack(head)[0])
        try:
            outcome = Outcome(text=read(reader, data))
        except Unfit as error:
            outcome = Outcome(why=str(error))
        answers.write(msgspec.json.encode(outcome) + b"\n")
        answers.flush()


def main() -> None:
    """Serve, within the limits."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    serve(sys.stdin.buffer, sys.stdout.buffer, make_reader())


if __name__ == "__main__":
    main()
