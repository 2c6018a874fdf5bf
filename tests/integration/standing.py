"""Stands in for a worker's runtime where one agent is tested on a real broker: real connections, a group at rest."""

from dataclasses import dataclass, field

from aiokafka import TopicPartition
from faust.types import TP

from agents.adapters.following import connected
from agents.runtime import Runtime
from agents.settings import Settings
from streams.intake import Intake, IntakeSettings

GENERATION = 3


class GroupConsumer:
    """The worker's consumer in the group: holds partitions and knows where they end."""

    def __init__(self, runtime: "StandingRuntime", held: set[TP]) -> None:
        self._runtime = runtime
        self._held = held

    def assignment(self) -> set[TP]:
        return self._held

    async def highwaters(self, *tps: TP) -> dict[TP, int]:
        async with connected(self._runtime.consumer()) as consumer:
            found = await consumer.end_offsets([TopicPartition(tp.topic, tp.partition) for tp in tps])
            return {TP(tp.topic, tp.partition): end for tp, end in found.items()}


@dataclass
class App:
    """The Faust application, as far as agents look at it."""

    consumer: GroupConsumer | None = None
    consumer_generation_id: int = GENERATION
    rebalancing: bool = False


@dataclass
class Message:
    """A message as Faust hands it over."""

    topic: str
    partition: int
    offset: int
    value: bytes
    generation_id: int = GENERATION
    timestamp: float = 0.0
    headers: list[tuple[str, bytes]] = field(default_factory=list)


class StandingRuntime(Runtime):
    """A worker's runtime with the encoder off; the group has committed `at` everywhere, and takes any commit."""

    app: App

    def __init__(self, settings: Settings, at: int = 0, held: set[TP] | None = None) -> None:
        intake = Intake(IntakeSettings(author_key=b"a key of tests alone"))
        super().__init__(settings, App(GroupConsumer(self, held or set())), intake, None)
        self.commits: dict[TP, int] = {}
        self._at = at

    def committed(self, tp: TP) -> int:
        return max(self._at, self.commits.get(tp, 0))

    async def commit(self, tp: TP, next_offset: int) -> None:
        self.commits[tp] = next_offset
