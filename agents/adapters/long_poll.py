"""Makes a consumer wait where the broker does not.

Apache Kafka holds an empty fetch until something comes (`fetch_max_wait_ms`). The embedded broker answers at once, and
aiokafka asks again at once: a worker's consumers together asked it three thousand times a second, for nothing, and
took half of a small machine. So a fetch that brought nothing too soon ends a little later.
"""

import asyncio
import time
from typing import Any, Final

from aiokafka.consumer.fetcher import Fetcher

PAUSE_S: Final = 0.1
"""What a record may come later where the broker does not hold a fetch."""

_fetch = Fetcher._proc_fetch_request


async def _fetch_patiently(fetcher: Fetcher, assignment: Any, node_id: int, request: Any) -> bool:
    began = time.monotonic()
    brought = bool(await _fetch(fetcher, assignment, node_id, request))
    if not brought and assignment.active and time.monotonic() - began < PAUSE_S:
        try:
            await asyncio.sleep(PAUSE_S)
        except asyncio.CancelledError:  # as aiokafka does: the assignment is gone, and its fetches with it
            return False
    return brought


def install() -> None:
    """Have every consumer of this process wait."""
    Fetcher._proc_fetch_request = _fetch_patiently
