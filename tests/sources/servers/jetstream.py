"""A server that speaks Jetstream: `/subscribe` with cursor, wantedCollections and compress, over a log in memory.

    python -m tests.sources.servers.jetstream [--port 6008] [--speed 300]

serves the simulated stream of `redian demo`, for a look at a live source without the network:
`make demo SOURCE=bluesky ENDPOINT=ws://127.0.0.1:6008/subscribe`.
"""

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import zstandard
from aiohttp import web

from agents.adapters.sources.bluesky import Bluesky
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Source
from streams.contracts.times import format_time, to_ms
from streams.simulation import live
from tests.sources.platform import Platform, WaitingClock

DID = "did:plc:testtesttesttesttesttest"
COLLECTION = "app.bsky.feed.post"


def event(number: int, time_us: int, created_ms: int, **changed: object) -> dict[str, object]:
    """Return a post as Jetstream sends it."""
    record = {
        "$type": COLLECTION,
        "createdAt": format_time(created_ms),
        "langs": ["en"],
        "text": f"post {number} #here",
    }
    commit = {
        "rev": f"r{number}", "operation": "create", "collection": COLLECTION, "rkey": f"k{number}",
        "record": {**record, **changed}, "cid": f"c{number}",
    }  # fmt: skip
    return {"did": DID, "time_us": time_us, "kind": "commit", "commit": commit}


class Jetstream(Platform):
    """The log and who reads it."""

    dictionary: bytes | None = None
    newest_first: int = 0
    """Microseconds before which the log was cut: older cursors begin there."""

    def routes(self, app: web.Application) -> None:
        self.log: list[tuple[int, bytes]] = []
        self.more = asyncio.Condition()
        self.cursors: list[int | None] = []
        self.drop_mid_frame = False
        self.ignores_cursor = False
        self.readers = 0
        self.sent = 0
        self.forgotten = 0
        app.router.add_get("/subscribe", self._subscribe)

    def source(self, clock: WaitingClock, *, path: str = "/subscribe") -> Source:
        dictionary = None
        if self.dictionary is not None:
            dictionary = self.folder / "dictionary"
            dictionary.write_bytes(self.dictionary)
        return Bluesky(f"ws://127.0.0.1:{self.port}{path}", dictionary=dictionary, web=Web())

    def ready(self) -> bool:
        return self.readers > 0

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        now_us = time.time_ns() // 1000
        await self.append(event(number, now_us, now_us // 1000 if created_ms is None else created_ms))
        return f"at://{DID}/{COLLECTION}/k{number}"

    async def spoil(self) -> None:
        await self.append(event(0, time.time_ns() // 1000, 0, text=["not", "a", "text"]))

    async def append(self, wire: dict[str, object]) -> None:
        async with self.more:
            self.log.append((int(wire["time_us"]), json.dumps(wire).encode()))  # type: ignore[call-overload]
            self.more.notify_all()

    async def _subscribe(self, request: web.Request) -> web.WebSocketResponse:
        assert request.query.getall("wantedCollections") == [COLLECTION]
        given = request.query.get("cursor")
        cursor = int(given) if given else None
        self.cursors.append(cursor)
        compressed = request.query.get("compress") == "true"
        compressor = None
        if compressed:
            assert self.dictionary is not None
            compressor = zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(self.dictionary))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        place = self.forgotten + (len(self.log) if cursor is None else 0)
        sent = 0
        self.readers += 1
        while not socket.closed:
            async with self.more:
                while place >= self.forgotten + len(self.log):
                    await self.more.wait()
            while place < self.forgotten + len(self.log):
                time_us, data = self.log[place - self.forgotten]
                place += 1
                if cursor is not None and not self.ignores_cursor and time_us < max(cursor, self.newest_first):
                    continue
                if self.drop_after is not None and sent >= self.drop_after:
                    self.drop_after = None
                    assert request.transport is not None
                    if self.drop_mid_frame:
                        # A text frame that promises 200 bytes and brings ten.
                        request.transport.write(b"\x81\x7e\x00\xc8" + data[:10])
                        await asyncio.sleep(0.02)
                    request.transport.abort()
                    return socket
                try:
                    if compressor is not None:
                        await socket.send_bytes(compressor.compress(data))
                    else:
                        await socket.send_str(data.decode())
                except ConnectionError:
                    return socket
                sent += 1
                self.sent += 1
        return socket


KEPT, SEED = 100_000, 1


async def serve(port: int, speed: float) -> None:
    """Serve the simulated stream of the demo, so many times as fast as it was made, until cancelled."""
    with tempfile.TemporaryDirectory() as folder:
        server = Jetstream(Path(folder))
        server.listen_on = port
        await server.start()
        print(f"ws://127.0.0.1:{server.port}/subscribe", flush=True)
        try:
            began = time.time()
            for number, post in enumerate(live(SEED, int(began * 1000))):
                passed_s = to_ms(datetime.fromisoformat(post.created_at)) / 1000 - began
                await asyncio.sleep(max(began + passed_s / speed - time.time(), 0.0))
                now_us = time.time_ns() // 1000
                wire = event(number, now_us, now_us // 1000, text=post.text, langs=[post.lang])
                await server.append({**wire, "did": f"did:plc:{post.author}"})
                if len(server.log) > KEPT:
                    server.forgotten += len(server.log) - KEPT
                    del server.log[:-KEPT]
        finally:
            await server.stop()


def main() -> None:
    """Serve on loopback until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=6008, help="0: any that is free")
    parser.add_argument("--speed", type=float, default=300.0, help="how many times as fast as it was made")
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(given.port, given.speed))


__all__ = ["Jetstream", "event"]

if __name__ == "__main__":
    main()
