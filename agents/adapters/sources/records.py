"""Records in files, whatever their form: JSON Lines, one JSON document, CSV, Parquet, archives of X and Mastodon."""

import csv
import io
import itertools
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from agents.adapters.sources.source import Malformed
from agents.errors import RedianError
from agents.files import UnreadableFile, lines_of
from streams.mapping import Mapping, MappingError, read_mapping

DOCUMENT_BYTES: Final = 512 * 1024 * 1024
"""A JSON document or the part of an archive that is read whole; after decompression."""

_PARQUET: Final = b"PAR1"
_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"

Record = dict[str, Any] | list[Any] | Malformed


def load_mapping(file: Path) -> Mapping:
    """Return the mapping in a file.

    Raises:
        RedianError: it cannot be read, or everything that is wrong with it.
    """
    try:
        return read_mapping(file.read_bytes())
    except OSError as error:
        raise UnreadableFile(f"the mapping {file} cannot be read: {error.strerror}") from None
    except MappingError as error:
        raise RedianError(f"the mapping {file} cannot be used:\n  " + "\n  ".join(error.problems)) from None


def records_of(path: Path) -> Iterator[Record]:
    """Yield the records of a file, told apart by its first bytes and, for CSV, its name.

    Raises:
        UnreadableFile: it is missing, forbidden or damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from None
    if head == _PARQUET:
        yield from _parquet(path)
    elif head == _ZIP or (head[:2] == _GZIP and _is_tar(path)):
        yield from _archive(path)
    elif path.name.removesuffix(".gz").endswith((".csv", ".tsv")):
        yield from _csv(path)
    else:
        yield from _json(path)


def _json(path: Path) -> Iterator[Record]:
    """Yield JSON Lines; a file whose first line opens a list or object and does not close it is one document."""
    lines = (line for line in lines_of(path) if line.strip())
    first = next(lines, None)
    if first is None:
        return
    opened = json_record(first)
    if isinstance(opened, dict) or (isinstance(opened, Malformed) and not _opens_a_document(first)):
        for line in itertools.chain([first], lines):
            yield json_record(line)
        return
    whole = bytearray(first)
    for line in lines:
        whole += line
        if len(whole) > DOCUMENT_BYTES:
            raise UnreadableFile(f"{path} is one JSON document of more than {DOCUMENT_BYTES:,} bytes; write JSON Lines")
    document = json_record(bytes(whole))
    if isinstance(document, list):
        yield from (item if isinstance(item, dict | list) else _no_record(item) for item in document)
    else:
        yield document


def _opens_a_document(line: bytes) -> bool:
    return line.strip()[:1] in (b"[", b"{") and line.strip()[-1:] in (b"[", b"{", b",")


def json_record(value: bytes) -> Record:
    """Return the record in a JSON value, or why it is none."""
    try:
        found = msgspec.json.decode(value)
    except (ValueError, RecursionError) as error:
        return Malformed(value, "not_json", " ".join(str(error).split()))
    return found if isinstance(found, dict | list) else Malformed(value, "wrong_type", "a record is an object")


def _no_record(item: Any) -> Malformed:
    return Malformed(msgspec.json.encode(item), "wrong_type", "a record is an object")


def _csv(path: Path) -> Iterator[Record]:
    # Every column is a text; a mapping says what is a number or a date. A field is at most as long as a line may be.
    csv.field_size_limit(32 * 1024 * 1024)
    delimiter = "\t" if ".tsv" in path.name else ","
    lines = (line.decode("utf-8-sig", "replace") for line in lines_of(path))
    try:
        for row in csv.DictReader(lines, delimiter=delimiter, strict=True):
            extra = row.pop(None, None)
            if extra is not None:
                yield Malformed(repr(row).encode(), "wrong_type", "the row has more columns than the header")
            else:
                yield {name: value for name, value in row.items() if value is not None}
    except csv.Error as error:
        raise UnreadableFile(f"{path} is no CSV: {error}") from None


def _parquet(path: Path) -> Iterator[Record]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UnreadableFile(f"{path} is Parquet; to read it: pip install 'redian[parquet]'") from None
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(1000):
                for row in batch.to_pylist():
                    # Dates become RFC 3339 and bytes base64, as they would be in JSON.
                    yield msgspec.to_builtins(row)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UnreadableFile(f"{path} is damaged Parquet: {error}") from None


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError):
        return False


def _archive(path: Path) -> Iterator[Record]:
    """Yield what is in a person's own archive: tweets of X (data/tweets*.js), activities of Mastodon (outbox.json)."""
    found = False
    try:
        for name, content in _parts(path):
            found = True
            # A script of X begins with `window.YTD.tweets.part0 =`.
            document = json_record(content[content.find(b"=") + 1 :] if name.endswith(".js") else content)
            items = document.get("orderedItems", []) if isinstance(document, dict) else document
            if isinstance(items, Malformed):
                yield items
                continue
            for item in items:
                yield item if isinstance(item, dict) else _no_record(item)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile(f"{path} is a damaged archive: {error}") from None
    if not found:
        raise UnreadableFile(f"{path} holds no posts: an archive of X has data/tweets.js, one of Mastodon outbox.json")


def _parts(path: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                if _holds_posts(part.filename):
                    with archive.open(part) as file:
                        yield part.filename, _whole(file, path)
        return
    with tarfile.open(path) as packed:
        for member in packed:
            if member.isfile() and _holds_posts(member.name) and (content := packed.extractfile(member)) is not None:
                yield member.name, _whole(content, path)


def _holds_posts(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last == "outbox.json" or (last.endswith(".js") and last.startswith(("tweets", "tweet.")))


def _whole(file: Any, path: Path) -> bytes:
    """Return what a part holds; no more than may be kept, whatever its header claims."""
    content: bytes = io.BufferedReader(file).read(DOCUMENT_BYTES + 1)
    if len(content) > DOCUMENT_BYTES:
        raise UnreadableFile(f"{path} holds a part of more than {DOCUMENT_BYTES:,} bytes")
    return content
