"""Files of records and standard input as sources: they have an end, and their dates are their own."""

import asyncio
import itertools
import sys
from collections.abc import AsyncGenerator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from agents.adapters.sources.mapped import batch_of
from agents.adapters.sources.records import Record, json_record, records_of
from agents.adapters.sources.source import Batch, Malformed
from agents.files import LINE_BYTES
from streams.mapping import Mapping

AT_ONCE: Final = 256


class _Cursor(msgspec.Struct):
    """The file that is read, and how many of its records are behind."""

    file: int = 0
    records: int = 0


class Files:
    """Files, one after another; killed and started again with the same files, it goes on where it was.

    Args:
        paths: in order.
        mapping: from a record to a post; None if records are posts.
    """

    live = False

    def __init__(self, paths: Sequence[Path], mapping: Mapping | None = None) -> None:
        told = sha256("\0".join(str(path.resolve()) for path in paths).encode()).hexdigest()[:12]
        self.name = f"files:{told}"
        self._paths = paths
        self._mapping = mapping

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read on; ends with the last file."""
        at = msgspec.json.decode(cursor, type=_Cursor) if cursor else _Cursor()
        for number, path in enumerate(self._paths[at.file :], at.file):
            behind = at.records if number == at.file else 0
            records = itertools.islice(records_of(path), behind, None)
            while chunk := await asyncio.to_thread(_next, records):
                behind += len(chunk)
                yield batch_of(self._mapping, chunk, msgspec.json.encode(_Cursor(number, behind)).decode())


def _next(records: "itertools.islice[Record]") -> list[Record]:
    return list(itertools.islice(records, AT_ONCE))


class StandardInput:
    """JSON Lines from standard input. It cannot be read again, so it has no cursor; repeats are left out all the same.

    Args:
        name: of what is piped in.
        mapping: from a record to a post; None if records are posts.
    """

    live = False

    def __init__(self, name: str, mapping: Mapping | None = None) -> None:
        self.name = f"stdin:{name}"
        self._mapping = mapping

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:  # noqa: ARG002 - it has none
        """Read lines as they come; ends with the input."""
        lines = asyncio.StreamReader(limit=LINE_BYTES)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while True:
            try:
                line = await lines.readline()
            except ValueError:
                yield Batch(malformed=(Malformed(b"", "too_large", f"a line is longer than {LINE_BYTES} bytes"),))
                continue
            if not line:
                return
            if line.strip():
                yield batch_of(self._mapping, [json_record(line)], None)
