"""The files a user names: JSON Lines are read, plain or gzip, with one clear line when that fails; secrets replaced."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from agents.errors import RedianError

LINE_BYTES = 32 * 1024 * 1024
"""Longest line that is read whole; the rest of a longer one is read as further lines, which intake refuses."""

_GZIP = b"\x1f\x8b"


class UnreadableFile(RedianError):
    """A file that the user named cannot be read."""


def lines_of(path: Path, on_bytes: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """Yield the lines of a file, decompressed if it is gzip, whatever its name.

    Args:
        path: the file.
        on_bytes: told, now and then, how many bytes of the file were read since it was last told.

    Raises:
        UnreadableFile: it is missing, a folder, forbidden, or its compression is damaged.
    """
    try:
        with path.open("rb") as raw:
            compressed = raw.peek(2)[:2] == _GZIP
            opened: BinaryIO = gzip.open(raw) if compressed else raw  # type: ignore[assignment]  # noqa: SIM115
            told = 0
            number = 0
            while line := opened.readline(LINE_BYTES):
                yield line
                number += 1
                if number % 256 == 0:
                    on_bytes(raw.tell() - told)
                    told = raw.tell()
            on_bytes(raw.tell() - told)
    except FileNotFoundError:
        raise UnreadableFile(f"there is no file {path}; give the path of a JSON Lines file, plain or gzip") from None
    except IsADirectoryError:
        raise UnreadableFile(f"{path} is a folder; give the path of a JSON Lines file") from None
    except PermissionError:
        raise UnreadableFile(f"{path} may not be read by this user") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"{path} is damaged gzip ({error}); what stands before the damage was read") from None


def replace_secret(path: Path, secret: str) -> None:
    """Put a secret in place of what a file holds, at once; its owner alone may read it.

    Raises:
        OSError: the folder cannot be written.
    """
    handle, beside = mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
