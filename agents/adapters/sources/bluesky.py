"""Bluesky: the Jetstream, a websocket of everything that is posted, with a cursor in microseconds.

Terms, limits and what was tested: docs/sources/bluesky.md.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
import zstandard

from agents.adapters.sources import bluesky_events
from agents.adapters.sources.fetching import Web, told
from agents.adapters.sources.source import Batch, Interrupted, Refused

ENDPOINT: Final = "wss://jetstream2.us-east.bsky.network/subscribe"
EVENT_BYTES: Final = 1024 * 1024
REWIND_US: Final = 5_000_000
"""On coming back, so much is read again: events of one moment may have come on both sides of the cut."""

GAP_US: Final = 60_000_000
"""The network is never silent for a minute: a first event so far ahead of the cursor means that something is gone."""

HEARTBEAT_S: Final = 20.0


class Bluesky:
    """The Jetstream.

    Args:
        endpoint: address of a server; without a path its `/subscribe` is meant.
        dictionary: the zstd dictionary that Jetstream publishes; with it events come compressed.
        web: how to go there.

    Raises:
        Refused: the dictionary is not there.
    """

    live = True

    def __init__(self, endpoint: str = ENDPOINT, *, dictionary: Path | None = None, web: Web) -> None:
        self.name = f"bluesky:{urlsplit(endpoint).netloc}"
        self._endpoint = endpoint if urlsplit(endpoint).path.strip("/") else f"{endpoint.rstrip('/')}/subscribe"
        self._web = web
        self._decompressor: zstandard.ZstdDecompressor | None = None
        if dictionary is not None:
            try:
                content = zstandard.ZstdCompressionDict(dictionary.read_bytes())
            except (OSError, zstandard.ZstdError) as error:
                raise Refused(f"the zstd dictionary {dictionary} cannot be read: {error}") from None
            self._decompressor = zstandard.ZstdDecompressor(dict_data=content)

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read events from a little before `cursor`, or from now on."""
        if cursor is None:
            # Killed right after its first connection, it must know where it began.
            cursor = str(time.time_ns() // 1000)
            saved = asyncio.Event()
            yield Batch(cursor=cursor, done=saved.set)
            await saved.wait()
        begin = int(cursor)
        policy = self._web.policy(self._endpoint)
        async with (
            told(),
            self._web.session(policy) as session,
            session.ws_connect(
                self._endpoint,
                params=self._parameters(begin),
                heartbeat=HEARTBEAT_S,
                max_msg_size=EVENT_BYTES,
                compress=0,
            ) as socket,
        ):
            latest = begin
            while True:
                batch = self._read(await socket.receive(), socket)
                at = None if batch.cursor is None else int(batch.cursor)
                if at is not None and at < latest:
                    # A server that begins behind the cursor does not take it back with it.
                    batch = msgspec.structs.replace(batch, cursor=None)
                elif at is not None:
                    if latest == begin and at > latest + GAP_US:
                        batch = msgspec.structs.replace(batch, missed_ms=(at - latest) // 1000)
                    latest = at
                yield batch

    def _read(self, message: aiohttp.WSMessage, socket: aiohttp.ClientWebSocketResponse) -> Batch:
        if message.type is aiohttp.WSMsgType.TEXT:
            return bluesky_events.read(message.data, self.name)
        if message.type is aiohttp.WSMsgType.BINARY:
            return bluesky_events.read(self._plain(message.data), self.name)
        raise Interrupted("dropped", f"the server ended the connection ({socket.close_code})")

    def _parameters(self, begin: int) -> dict[str, str]:
        parameters = {"wantedCollections": bluesky_events.COLLECTION, "maxMessageSizeBytes": str(EVENT_BYTES)}
        parameters["cursor"] = str(begin - REWIND_US)
        if self._decompressor is not None:
            parameters["compress"] = "true"
        return parameters

    def _plain(self, frame: bytes) -> bytes:
        """Return an event decompressed; a frame that is none, or would grow beyond measure, comes back as it is."""
        if self._decompressor is None:
            return frame
        try:
            # A size that the frame itself claims would be allocated, whatever the limit says.
            if zstandard.frame_content_size(frame) > EVENT_BYTES:
                return frame
            return self._decompressor.decompress(frame, max_output_size=EVENT_BYTES)
        except zstandard.ZstdError:
            return frame
