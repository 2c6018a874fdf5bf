"""The whole of Redian on one machine, for a look: a broker, a worker, a source, and what comes out of them."""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from agents.adapters.admin import create_topics
from agents.adapters.broker_process import free_port, listens
from agents.adapters.connection import blocking
from agents.adapters.embedded_broker import EmbeddedBroker
from agents.errors import RedianError
from agents.files import lines_of
from agents.posts import HISTORY
from agents.replaying import replay_lines
from agents.settings import PREFIX, Settings, current_settings, source_of
from streams.contracts.framing import created_of
from streams.contracts.outputs import Alert, Brief
from streams.contracts.times import BUCKET_MS, format_time
from streams.contracts.topics import ALERTS, BRIEFS, WATCHLISTS
from streams.simulation import LIVE_AFTER_MS, history, live, watchlists

SIMULATED: Final = "simulated"
LIVE: Final = ("bluesky",)
"""Networks that anyone can read without a key."""
HISTORY_DAYS: Final = 2.2
SEED: Final = 1
FILE_HISTORY_MS: Final = 25 * 3_600_000
"""How much of a file is loaded as history, and counted for watchlists: what is usual takes a day to know."""
HISTORY_MARK: Final = (HISTORY, b"1")
RESTARTS: Final = 3
"""How often a worker that ended is started again before the demo gives up."""
LOG_LINES: Final = 15
STOP_S: Final = 12.0
FAR_MS: Final = 4_102_444_800_000
"""2100: a simulated stream runs ahead of the clock."""

SMALL: Final = {
    # One worker on one machine: few shards, small lists, so that time moves in small steps.
    "posts_partitions": "2",
    "terms_partitions": "2",
    "shards": "2",
    "posts_per_message": "4",
    # The embedded broker writes its whole state after each change, so it should not get large values often.
    "snapshot_s": "30",
}


class ProgramProcess:
    """A `redian` command as a child, started again when it ends by itself.

    Args:
        what: it is, for a person.
        arguments: of the program.
        settings: of the demo, by field name.
        folder: for its log.
    """

    def __init__(self, what: str, arguments: Sequence[str], settings: Mapping[str, str], folder: Path) -> None:
        self._what = what
        self._arguments = arguments
        names = {PREFIX + name.upper(): value for name, value in settings.items()}
        self._environment = {**os.environ, **names}
        self.log = folder / f"{what}.log"
        self._output: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._left = RESTARTS

    def __enter__(self) -> Self:
        self._output = self.log.open("ab")
        self._start()
        return self

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.cli.main", *self._arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def ended(self) -> bool:
        """Whether it ended and was not started again."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int:
        """Number of the process that runs now, or ran last."""
        assert self._process is not None
        return self._process.pid

    def keep_alive(self) -> None:
        """Start it again if it ended.

        Raises:
            RedianError: it ended too often; the text has the end of its log.
        """
        if self._process is None or self._process.poll() is None:
            return
        if self._left == 0:
            raise RedianError(f"the {self._what} keeps ending:\n{self.tail()}")
        self._left -= 1
        self._start()

    def tail(self) -> str:
        """Return the end of its log."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, LOG_LINES)).rstrip()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._output is not None:
            self._output.close()


class LiveSource:
    """A source of the live network as a child: `redian ingest`."""

    def __init__(self, settings: Mapping[str, str], folder: Path, source: str, endpoint: str) -> None:
        arguments = ["ingest", source, *(["--endpoint", endpoint] if endpoint else [])]
        self._process = ProgramProcess("source", arguments, settings, folder)

    def start(self) -> None:
        """Begin to read."""
        self._process.__enter__()

    def stop(self) -> None:
        """Read no more."""
        self._process.__exit__(None, None, None)

    @property
    def failure(self) -> RedianError | None:
        """Why it gave up; None while it reads, or begins again."""
        try:
            self._process.keep_alive()
        except RedianError as error:
            return error
        return None


class Source(threading.Thread):
    """Writes the posts: the simulated stream with its history first, or a file, its first day as history."""

    def __init__(self, settings: Settings, source: str, speed: float, tell: Callable[[str], None]) -> None:
        super().__init__(name="source", daemon=True)
        self._settings = settings
        self._source = source
        self._speed = speed
        self._tell = tell
        self._stopping = threading.Event()
        self.failure: RedianError | None = None

    def run(self) -> None:
        """Write until all is written or `stop` was called."""
        try:
            if self._source == SIMULATED:
                self._simulate()
            else:
                self._replay_file()
        except RedianError as error:
            self.failure = error

    def _simulate(self) -> None:
        now_ms = time.time_ns() // 1_000_000
        past = (msgspec.json.encode(post) for post in history(SEED, now_ms, HISTORY_DAYS))
        replay_lines(self._wide(), self._until_stopped(past), speed=0, headers=[HISTORY_MARK])
        self._tell(f"{HISTORY_DAYS} days of simulated history are loaded; now live, {_pace(self._speed)}")
        present = (msgspec.json.encode(post) for post in live(SEED, now_ms + LIVE_AFTER_MS))
        replay_lines(self._settings, self._until_stopped(present), speed=self._speed, latest_ms=FAR_MS)

    def _replay_file(self) -> None:
        lines = self._until_stopped(lines_of(Path(self._source)))
        first = next(lines, None)
        lines = lines if first is None else itertools.chain([first], lines)
        end_ms = 0 if first is None else (created_of(first) or 0) + FILE_HISTORY_MS
        rest: list[bytes] = []
        replay_lines(
            self._wide(), _before(end_ms // BUCKET_MS * BUCKET_MS, lines, rest), speed=0, headers=[HISTORY_MARK]
        )
        if rest:
            hours = FILE_HISTORY_MS // 3_600_000
            self._tell(f"the first {hours} hours of the file are loaded as history; now {_pace(self._speed)}")
            replay_lines(self._settings, itertools.chain(rest, lines), speed=self._speed)
        self._tell("the file is read; what it led to still comes")

    def _wide(self) -> Settings:
        return self._settings.model_copy(update={"posts_per_message": 500})

    def _until_stopped(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            if self._stopping.is_set():
                return
            yield line

    def stop(self) -> None:
        """Write no more."""
        self._stopping.set()


def _before(end_ms: int, lines: Iterator[bytes], rest: list[bytes]) -> Iterator[bytes]:
    """Yield lines until one was created at or after `end_ms`; that one goes to `rest`."""
    for line in lines:
        if (created_of(line) or 0) >= end_ms:
            rest.append(line)
            return
        yield line


def _pace(speed: float) -> str:
    return f"{speed:g} times real time" if speed else "as fast as it goes"


class Demo:
    """A running demo.

    Args:
        source: "simulated", one of `LIVE`, or the path of a JSON Lines file.
        speed: times real time, 0 for as fast as it goes.
        tell: takes lines that say what goes on.
        endpoint: of a live source, where it is not the public one.

    Raises:
        RedianError: the broker or the topics are not there, or the file is missing.
    """

    def __init__(self, source: str, speed: float, tell: Callable[[str], None], endpoint: str = "") -> None:
        if source not in (SIMULATED, *LIVE) and not Path(source).is_file():
            raise RedianError(f"there is no file {source}; give SOURCE=simulated, SOURCE=bluesky or a JSON Lines file")
        if source == SIMULATED and speed <= 0:
            raise RedianError("a simulated stream has no end: it needs a speed above 0, such as SPEED=60")
        self._stack = ExitStack()
        self._tell = tell
        try:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="redian-demo-")))
            own = self._own_settings(folder)
            self.settings = current_settings(own)
            create_topics(self.settings)
            if source == SIMULATED and source_of("bootstrap") == "default":  # on somebody's own broker they would stay
                self._watch()
            self._ends = self._outputs_so_far()
            self._worker = self._stack.enter_context(ProgramProcess("worker", ["worker"], own, folder))
            self._source: Source | LiveSource
            if source in LIVE:
                self._source = LiveSource(own, folder, source, endpoint)
                tell(f"{source} is read live; a term is news against a day of its own past, so the first day is quiet")
            else:
                self._source = Source(self.settings, source, speed, tell)
            self._stack.callback(self._source.stop)
            self._source.start()
        except BaseException:
            self._stack.close()
            raise

    def _own_settings(self, folder: Path) -> dict[str, str]:
        given = {name for name in Settings.model_fields if source_of(name) != "default"}
        own = {name: value for name, value in SMALL.items() if name not in given}
        own["data_dir"] = str(folder / "data")
        if "bootstrap" not in given:
            broker = self._stack.enter_context(EmbeddedBroker(folder / "broker"))
            own["bootstrap"] = broker.bootstrap
            self._tell(f"the embedded broker answers at {broker.bootstrap}")
        settings = current_settings()
        for name in given - own.keys():
            value = getattr(settings, name)
            own[name] = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        if "web_port" not in given and listens(settings.web_port):
            own["web_port"] = str(free_port())
        return own

    def _watch(self) -> None:
        """Put the watchlists of the simulated stream in force, so long ago that what is usual is known."""
        since = format_time(time.time_ns() // 1_000_000 - FILE_HISTORY_MS)
        producer = KafkaProducer(**blocking(self.settings), acks="all")
        for watchlist in watchlists(since):
            producer.send(WATCHLISTS.name, msgspec.json.encode(watchlist), watchlist.name.encode(), partition=0)
        producer.flush()
        producer.close()

    @property
    def page(self) -> str:
        """Address of the live page."""
        return f"http://{self.settings.web_host}:{self.settings.web_port}/"

    def _outputs_so_far(self) -> dict[TopicPartition, int]:
        consumer = self._consumer()
        try:
            ends: dict[TopicPartition, int] = consumer.end_offsets(
                [TopicPartition(ALERTS.name, 0), TopicPartition(BRIEFS.name, 0)]
            )
            return ends
        finally:
            consumer.close()

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(**blocking(self.settings), enable_auto_commit=False)

    def outputs(self, for_s: float) -> Iterator[Alert | Brief]:
        """Yield alerts and briefs as they come, for `for_s` seconds or, with 0, until the caller stops.

        Raises:
            RedianError: the worker keeps ending, or the source failed.
        """
        deadline = time.monotonic() + for_s if for_s else float("inf")
        consumer = self._consumer()
        try:
            consumer.assign(list(self._ends))
            for partition, end in self._ends.items():
                consumer.seek(partition, end)
            while time.monotonic() < deadline:
                self._worker.keep_alive()
                if self._source.failure is not None:
                    raise self._source.failure
                for partition, records in consumer.poll(timeout_ms=250).items():
                    kind: type[Alert] | type[Brief] = Alert if partition.topic == ALERTS.name else Brief
                    for record in records:
                        yield msgspec.json.decode(record.value, type=kind)
        finally:
            consumer.close()

    def log_tail(self) -> str:
        """Return the end of the worker's log."""
        return self._worker.tail()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
