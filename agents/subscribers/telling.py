"""The part of a worker that tells subscribers, on the one worker that holds the partition of `hotspots`."""

import asyncio
import logging
import random

from faust.types import TP

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.runtime import Runtime
from agents.subscribers.channels import make_channels
from agents.subscribers.queues import Queues
from agents.subscribers.sending import Sending
from agents.while_held import WhileHeld
from streams.contracts.topics import HOTSPOTS

log = logging.getLogger(__name__)


class Telling:
    """Tells the subscribers for as long as this worker is the one that should."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._channels = make_channels(runtime.settings, runtime.producer)
        self._here = WhileHeld(runtime, TP(HOTSPOTS.name, 0), "subscribers are not told just now", self._hold)
        self.run = self._here.run

    async def stop(self) -> None:
        """Tell nothing more; what was on its way and is not acknowledged is told again, under the same id."""
        await self._here.stop()
        for channel in self._channels.values():
            await channel.close()

    async def _hold(self) -> None:
        async with connected(self._runtime.consumer()) as consumer:
            try:
                await self._tell(Queues(consumer, await self._runtime.producer()))
            finally:
                metrics.SUBSCRIBERS.clear()
                metrics.DELIVERIES_WAITING.set(0)

    async def _tell(self, queues: Queues) -> None:
        await queues.load()
        sending = Sending(queues, self._channels, random.Random(), self._runtime.traces)  # noqa: S311 - spreads retries
        running = asyncio.create_task(sending.run())
        try:
            while self._here.held:
                if running.done():
                    await running
                for name in await queues.follow():
                    sending.schedule(name)
        finally:
            running.cancel()
            await asyncio.wait([running])
