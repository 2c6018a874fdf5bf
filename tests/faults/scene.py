"""A stream, a cluster and workers, as a fault finds them; and what can be seen of their progress from outside."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from agents.adapters.admin import lag_of
from agents.errors import RedianError
from agents.replaying import replay_lines
from agents.settings import Settings
from streams.contracts.topics import BURSTS, SCORED, SHARD_SNAPSHOTS, TERMS
from streams.scoring import Scorer
from tests.faults.brokers import Cluster
from tests.faults.comparison import Published, expected_of
from tests.faults.told import Told
from tests.faults.workers import Worker

KEY = "a key that only this test uses"
PARTITIONS = 4
STEP_S = 0.1
LOOK_S = 1.0
STALLED_S, SETTLE_S = 240.0, 1500.0
"""How long nothing may change while there is work, and how long the work may take: a machine may be slow."""
CALM_S = 1.5
IDLE_S = "300"
"""The feed waits while faults are at work: a partition that were idle meanwhile would have late posts afterwards."""
MOVES = (TERMS.name, BURSTS.name, SCORED.name)


class NotSettled(Exception):
    """The work did not come to its end in time."""


class Scene:
    """What a script plays in.

    Args:
        folder: for logs and data.
        cluster: of brokers.
        lines: posts in the order in which they arrive.
        seed: of every choice that faults make.
        settings: of the workers, beside those that all scripts share; names without the prefix.
        told: subscribers, if there are any.
    """

    def __init__(
        self,
        folder: Path,
        cluster: Cluster,
        lines: Sequence[bytes],
        seed: int,
        settings: dict[str, str],
        *,
        told: Told | None = None,
    ) -> None:
        self.told = told
        self.folder, self.cluster, self.chance = folder, cluster, Random(seed)
        self._lines = lines
        self._settings = {
            "ENCODER": "off", "AUTHOR_KEY": KEY, "SNAPSHOT_S": "1", "SLICE_S": "0.2", "SESSION_TIMEOUT_S": "6",
            "WEB_PORT": "0", "POSTS_PARTITIONS": str(PARTITIONS), "TERMS_PARTITIONS": "2", "SHARDS": "4",
            "SLICE_POSTS": "50", "POSTS_PER_MESSAGE": "8", "IDLE_S": IDLE_S, **settings,
        }  # fmt: skip
        environment = {f"REDIAN_{name}": value for name, value in self._settings.items()}
        environment["REDIAN_BOOTSTRAP"] = cluster.bootstrap
        # The shim imports before the folder of the command is on the path: workers must run what is compared with.
        ways = (Path(__file__).parent / "shim", Path(__file__).parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(map(str, ways))
        self._environment = {**environment, "FAULTS_FOLDER": str(folder)}
        self.workers: list[Worker] = []
        self._allowed = 0
        self._more = threading.Condition()
        self._feeding: threading.Thread | None = None
        self._feed_error: BaseException | None = None
        self._consumer: KafkaConsumer | None = None
        self.patience_s = 0.0
        """How much longer to wait for what is expected: time may have to go on by itself."""

    @property
    def settings(self) -> Settings:
        """Settings of whoever looks on from outside, past the proxies."""
        given = {name.lower(): value for name, value in self._settings.items()}
        return Settings(bootstrap=self.cluster.direct, **given)  # type: ignore[arg-type]

    def expected(self, scorer: Scorer | None = None) -> Published:
        """Return what `backtest` says of the stream, scored if there is a scorer."""
        path = self.folder / "posts.jsonl"
        path.write_bytes(b"\n".join(self._lines) + b"\n")
        return expected_of(
            [path],
            partitions=PARTITIONS,
            author_key=KEY.encode(),
            posts_per_message=int(self._settings["POSTS_PER_MESSAGE"]),
            scorer=scorer,
            shards=int(self._settings["SHARDS"]),
        )

    def begin(self, workers: int) -> None:
        """Make the topics, start workers, and the feed, which waits to be allowed."""
        environment = {**os.environ, **self._environment, "REDIAN_BOOTSTRAP": self.cluster.direct}
        command = [sys.executable, "-m", "agents.cli.main", "topics", "create"]
        subprocess.run(command, env=environment, check=True, timeout=120, capture_output=True)
        if self.told is not None:
            asyncio.run(self.told.subscribe(self.settings))
        for _ in range(workers):
            self.join()
        self._feeding = threading.Thread(target=self._feed, daemon=True)
        self._feeding.start()

    def join(self) -> Worker:
        """Start one more worker."""
        worker = Worker(len(self.workers), self.folder, self._environment)
        self.workers.append(worker)
        worker.start()
        return worker

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        """Yield a client that may do anything to the cluster."""
        admin = KafkaAdminClient(bootstrap_servers=self.cluster.direct.split(","))
        try:
            yield admin
        finally:
            admin.close()

    def members(self) -> int:
        """Return how many workers the group has, -1 while it makes room or no broker tells."""
        try:
            with self.admin() as admin:
                group = admin.describe_groups([self.settings.app_id])[self.settings.app_id]
        except (KafkaError, OSError):
            return -1
        return len(group["members"]) if group["group_state"] in ("Stable", "Empty", "Dead") else -1

    def alive(self) -> list[Worker]:
        """Return the workers that run."""
        return [worker for worker in self.workers if worker.alive()]

    def close(self) -> None:
        """Leave nothing behind."""
        for worker in self.workers:
            worker.close()
        self.allow(1.0)
        if self._feeding is not None:
            self._feeding.join(5)
        self._close_consumer()
        if self.told is not None:
            self.told.close()

    def allow(self, share: float) -> None:
        """Let the feed write up to this share of the posts."""
        with self._more:
            self._allowed = max(self._allowed, int(share * len(self._lines)))
            self._more.notify_all()

    def _feed(self) -> None:
        try:
            replay_lines(self.settings, self._gated(), speed=0)
        except BaseException as error:  # noqa: BLE001 - told when the script asks
            self._feed_error = error

    def _gated(self) -> Iterator[bytes]:
        for number, line in enumerate(self._lines):
            with self._more:
                while number >= self._allowed:
                    self._more.wait()
            yield line

    def ends(self, *topics: str) -> dict[TopicPartition, int]:
        """Return the end of every partition of these topics; empty while no broker tells."""
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    bootstrap_servers=self.cluster.direct.split(","), enable_auto_commit=False, request_timeout_ms=5000
                )
            partitions = [
                TopicPartition(topic, number)
                for topic in topics
                for number in sorted(self._consumer.partitions_for_topic(topic) or ())
            ]
            return dict(self._consumer.end_offsets(partitions))
        except (KafkaError, OSError, ValueError):
            self._close_consumer()
            return {}

    def _close_consumer(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def moved(self) -> int:
        """Return how many messages the workers have written so far."""
        return sum(self.ends(*MOVES).values())

    def wait(self, until: Callable[[], bool], limit_s: float) -> bool:
        """Return once `until` holds, or False after the limit; workers that end by themselves are started anew."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            for worker in self.workers:
                worker.supervise()
            if until():
                return True
            time.sleep(STEP_S)
        return False

    def wait_for_moves(self, number: int, limit_s: float) -> bool:
        """Return once the workers have written so many messages more, False if no more can come or after the limit."""
        begin, looked = self.moved(), time.monotonic()

        def enough() -> bool:
            nonlocal looked
            if self.moved() >= begin + number:
                return True
            if time.monotonic() - looked < LOOK_S:
                return False
            looked = time.monotonic()
            return self.lag() == 0

        return self.wait(enough, limit_s) and self.moved() >= begin + number

    def lag(self) -> int:
        """Return how many messages the workers have still to read, -1 while no broker tells."""
        try:
            return sum(found.lag for found in lag_of(self.settings))
        except (RedianError, KafkaError, OSError):
            return -1

    def wait_for_snapshot(self, limit_s: float) -> bool:
        """Return the moment something is written to the snapshots of the shards."""
        begin = sum(self.ends(SHARD_SNAPSHOTS.name).values())
        return self.wait(lambda: sum(self.ends(SHARD_SNAPSHOTS.name).values()) > begin, limit_s)

    def settle(self) -> None:
        """Return once everything is written, read and committed, and nothing more comes.

        Raises:
            NotSettled: it did not within the limits, or the feed failed.
        """
        self.allow(1.0)
        last: tuple[int, int] | None = None
        began = since = heard = time.monotonic()
        while time.monotonic() - since < CALM_S:
            self.wait(lambda: False, 2 * STEP_S)
            if self._feed_error is not None:
                raise NotSettled(f"the feed failed: {self._feed_error!r}")
            lag, moved, now = self.lag(), self.moved(), time.monotonic()
            fed = self._feeding is not None and not self._feeding.is_alive()
            if not fed or lag != 0 or not moved:
                since = now
            if (lag, moved) != last:
                last, heard = (lag, moved), now
            if now - heard > STALLED_S or now - began > SETTLE_S:
                took = f"lag {lag} after {now - began:.0f} s, {now - heard:.0f} s without a change"
                raise NotSettled("\n".join([took, *self._standing()]))

    def _standing(self) -> Iterator[str]:
        """Tell where everything stands, what matters most first."""
        with suppress(RedianError, KafkaError, OSError):
            yield f"unread: {[found for found in lag_of(self.settings) if found.lag]}"
        for worker in self.workers:
            yield f"--- worker {worker.number} waits\n" + "\n".join(worker.waits())
        for worker in self.workers:
            yield f"--- worker {worker.number} says\n{worker.tail()}"
