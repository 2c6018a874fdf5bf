"""The operator's folder of documents: which files are read, within which limits, and what was wrong with the others."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from agents.adapters.pdf_child import read_pdf
from agents.errors import RedianError
from streams.support.documents import (
    UnreadableDocument,
    decoded,
    faq_passages,
    html_sections,
    markdown_sections,
    passages_of,
)
from streams.support.passages import Passage

MAX_FILES: Final = 5_000
MAX_BYTES: Final = 32 * 1024 * 1024
KINDS: Final = (".md", ".markdown", ".txt", ".html", ".htm", ".csv", ".pdf")


class Read(msgspec.Struct, frozen=True):
    """One file: its passages, or why there are none. `stamp` changes when the file does."""

    source: str
    passages: list[Passage]
    stamp: tuple[int, int]
    why: str = ""


def files_of(folder: Path) -> dict[str, Path]:
    """Return the documents below a folder by their path in it, in order; hidden files and links are passed over.

    Raises:
        RedianError: there is no such folder, or it holds too many documents.
    """
    if not folder.is_dir():
        raise RedianError(f"there is no folder {folder}; REDIAN_DOCUMENTS names one with {', '.join(KINDS)} files")
    found: dict[str, Path] = {}
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if name.startswith(".") or path.suffix.lower() not in KINDS or path.is_symlink():
                continue
            found[path.relative_to(folder).as_posix()] = path
            if len(found) > MAX_FILES:
                raise RedianError(f"{folder} holds more than {MAX_FILES:,} documents; choose a smaller folder")
    return found


def stamp_of(path: Path) -> tuple[int, int]:
    """Return what changes when a file does: its time and size, zeros for one that is gone."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def read_documents(folder: Path, known: dict[str, tuple[int, int]] | None = None) -> Iterator[Read]:
    """Yield the documents of a folder that are not `known` as they are: new, changed, and gone ones (no passages).

    Raises:
        RedianError: see `files_of`.
    """
    known = known or {}
    files = files_of(folder)
    for source in known.keys() - files.keys():
        yield Read(source, [], (0, 0))
    for source, path in files.items():
        stamp = stamp_of(path)
        if known.get(source) == stamp:
            continue
        try:
            yield Read(source, _passages(source, path, stamp[1]), stamp)
        except (UnreadableDocument, OSError) as error:
            yield Read(source, [], stamp, str(error))


def _passages(source: str, path: Path, size: int) -> list[Passage]:
    if size > MAX_BYTES:
        raise UnreadableDocument(f"it has {size:,} bytes, at most {MAX_BYTES:,} are read")
    data = path.read_bytes()
    kind = path.suffix.lower()
    if kind == ".pdf":
        return passages_of(source, read_pdf(data))
    text = decoded(data)
    if kind == ".csv":
        return faq_passages(source, text)
    if kind in (".html", ".htm"):
        return passages_of(source, html_sections(text))
    return passages_of(source, markdown_sections(text))
