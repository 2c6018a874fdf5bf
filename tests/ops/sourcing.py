"""Sources whose faults a test makes: platforms of `tests/sources/servers` on loopback, read by `redian ingest`."""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
from kafka import KafkaProducer

from agents.adapters.admin import create_topics
from agents.adapters.broker_process import free_port, listens
from agents.adapters.embedded_broker import EmbeddedBroker
from agents.adapters.sources.measured import WINDOW
from agents.settings import Settings
from streams.contracts.answers import Answer
from streams.contracts.topics import ANSWERS
from tests.integration.program import environment
from tests.ops.monitoring import wait_for
from tests.ops.process import Process
from tests.sources.platform import WaitingClock
from tests.sources.servers.jetstream import Jetstream, event
from tests.sources.servers.pushing import AES_KEY, APP_ID, WECHAT_TOKEN, Tencent
from tests.sources.servers.wechat_api import APP_SECRET, WeChatApi

POSTS = 3 * WINDOW
"""Of one wave: enough that a silence of half a minute is news, and that the form is judged anew from its end on."""

FORGOTTEN_US = 120_000_000
NO_LONGER_TAKEN = 45015
"""WeChat's code for somebody who wrote too long ago."""

Result = TypeVar("Result")


class Ingest(Process):
    """`redian ingest`, at one address for as long as it lasts."""

    def __init__(self, bootstrap: str, folder: Path, *command: str) -> None:
        super().__init__(folder / f"{command[0]}.log")
        self._port = free_port()
        self.target = f"127.0.0.1:{self._port}"
        self._command = ["ingest", *command, "--metrics-port", str(self._port)]
        self._env = environment(bootstrap, folder, outbound_allow="127.0.0.0/8")

    def start(self) -> None:
        """Start it, and wait until it can be scraped."""
        self._run(self._env, *self._command)
        wait_for(f"the source is there: {self.log}", lambda: self.runs() and listens(self._port))


class Platforms:
    """A Jetstream and a WeChat account, served from a thread of their own."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._folder = folder
        self._number = 0
        self._ahead_us = 0
        self.jetstream = Jetstream(folder)
        self.account = Tencent(folder)
        self.wechat = WeChatApi(APP_ID)

    @contextmanager
    def served(self) -> Iterator[Self]:
        """Serve for as long as the context lasts."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        self._do(self.jetstream.start())
        self.jetstream.listen_on = self.jetstream.port
        self._do(self.wechat.start())
        try:
            yield self
        finally:
            self._do(self.jetstream.stop())
            self._do(self.wechat.stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)
            self._loop.close()

    def bluesky(self) -> tuple[str, ...]:
        """Return the command that reads the Jetstream."""
        return "bluesky", "--endpoint", f"ws://127.0.0.1:{self.jetstream.port}/subscribe"

    def answering(self) -> tuple[str, ...]:
        """Return the command that serves the account and tells people answers."""
        kept = {"token": WECHAT_TOKEN, "aes-key": AES_KEY, "app-secret": APP_SECRET}
        for name, secret in kept.items():
            (self._folder / name).write_text(secret, "utf-8")
        files = [part for name in kept for part in (f"--{name}-file", str(self._folder / name))]
        self.account.source(WaitingClock())  # knows where the process will listen, and never runs itself
        self.account.opened.door.port = free_port()
        api, port = f"http://127.0.0.1:{self.wechat.port}", str(self.account.opened.door.port)
        return "wechat", APP_ID, *files, "--answer", "all", "--endpoint", api, "--port", port

    def post(self) -> None:
        """Have a wave of posts written on the Jetstream, once somebody reads it."""
        wait_for("the platform is read", self.jetstream.ready)
        self._do(self._append(POSTS, {}))

    def spoil(self) -> None:
        """Have a window full of what is no post come from there."""
        self._do(self._append(WINDOW, {"text": ["not", "a", "text"]}))

    def go_away(self) -> None:
        """End the Jetstream and what it remembers."""
        self._do(self.jetstream.stop())

    def come_back(self) -> None:
        """Bring it back; the oldest that it then has is written two minutes after what was last read."""
        self._ahead_us += FORGOTTEN_US
        self._do(self.jetstream.start())

    def lose_a_reply(self, bootstrap: str) -> None:
        """Have somebody ask, and be answered after the call, when the platform tells them nothing any more."""
        self.wechat.codes = [NO_LONGER_TAKEN]
        body, query = self.account.call(self.account.sealed(self.account.message("71", "几点开门？", int(time.time()))))
        assert self._do(self.account.send(body, query=query)) == (200, "success")
        source = f"wechat:{APP_ID}"
        said = {"status": "answered", "text": "九点", "lang": "zh", "sureness": 0.9}
        answer = Answer(question_id=f"{source}:71", conversation=f"{source}:oAnn", **said)
        producer = KafkaProducer(bootstrap_servers=bootstrap)
        producer.send(ANSWERS.name, msgspec.json.encode(answer), answer.question_id.encode(), partition=0).get(60)
        producer.close()

    async def _append(self, posts: int, changed: dict[str, object]) -> None:
        for _ in range(posts):
            self._number += 1
            now_us = time.time_ns() // 1000
            await self.jetstream.append(event(self._number, now_us + self._ahead_us, now_us // 1000, **changed))

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


class Sources(NamedTuple):
    """Two that read, on a broker of their own: one of the Jetstream, one of the account."""

    bootstrap: str
    platforms: Platforms
    read: Ingest
    answering: Ingest


@contextmanager
def sources(folder: Path) -> Iterator[Sources]:
    """Run two sources and their platforms.

    What they write is of today, and would not go with the event time of a worker whose posts are not.
    """
    folder.mkdir()
    with EmbeddedBroker(folder / "broker") as broker, Platforms(folder).served() as platforms:
        create_topics(Settings(bootstrap=broker.bootstrap, posts_partitions=1))
        with (
            Ingest(broker.bootstrap, folder, *platforms.bluesky()) as read,
            Ingest(broker.bootstrap, folder, *platforms.answering()) as answering,
        ):
            yield Sources(broker.bootstrap, platforms, read, answering)


class Targets:
    """What Prometheus is told to scrape as job "sources": a file that it reads again when that changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.are()

    def are(self, *targets: str) -> None:
        """Write the file, all of it at once."""
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps([{"targets": list(targets)}]), "utf-8")
        written.replace(self.path)
