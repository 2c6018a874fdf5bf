"""Agent of topic `alerts`: reads the evidence back from the log and writes the brief."""

import faust
import msgspec
from faust.types import TP, Message

from agents.adapters import metrics
from agents.burying import bury_value
from agents.readback import read_back
from agents.runtime import Runtime, die
from streams.briefs import write_brief
from streams.briefs.reading import read_alert
from streams.contracts.topics import ALERTS, BRIEFS, POSTS
from streams.pipeline import texts_of


class BriefsAgent:
    """Writes briefs, on the worker that holds the one partition of `alerts`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        async for event in stream.events():
            try:
                await self._take(event.message)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def _take(self, message: Message) -> None:
        try:
            alert = read_alert(message.value or b"")
        except msgspec.MsgspecError as error:
            tp = TP(ALERTS.name, message.partition)
            await bury_value(self._runtime, tp, message.offset, message.value or b"", error)
            await self._runtime.commit(tp, message.offset + 1)
            return
        partitions = await self._runtime.partitions_of(POSTS.name)
        sources = [source for source in alert.sources if source.partition < partitions]
        records = await read_back(self._runtime.consumer, sources)
        texts, langs = texts_of(alert, lambda partition, offset: records.get((partition, offset)), self._runtime.intake)
        brief = write_brief(alert, texts, langs)
        producer = await self._runtime.producer()
        await producer.send_and_wait(BRIEFS.name, msgspec.json.encode(brief), brief.hotspot_id.encode(), partition=0)
        metrics.BRIEFS.inc()
        await self._runtime.commit(TP(ALERTS.name, message.partition), message.offset + 1)
