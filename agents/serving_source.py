"""Brings a source up as a process: logs, metrics, signals; ends it in order."""

import asyncio
import logging
import os
import signal

from prometheus_client import start_http_server

from agents import logs
from agents.adapters.metrics import SOURCE_POSTS
from agents.adapters.sources.clock import SystemClock
from agents.adapters.sources.source import Source
from agents.errors import PortInUse
from agents.ingesting import ingest
from agents.settings import Settings

log = logging.getLogger(__name__)

LEAVE_S = 9.0
"""A source that was told to stop is gone after this: its cursor is safe at any kill."""

UNFINISHED_EXIT = 70


def serve_source(source: Source, settings: Settings, metrics_port: int | None) -> int:
    """Run a source until it ends or SIGTERM or SIGINT comes; return how many posts it wrote.

    Raises:
        BrokerUnavailable: none answers, or the topics are missing.
        PortInUse: metrics cannot be served where they should.
        Refused: the source needs a person.
    """
    logs.configure(settings.log_form, settings.log_level)
    if metrics_port is not None:
        try:
            server, _ = start_http_server(metrics_port, settings.metrics_host)
        except OSError as error:
            where = f"{settings.metrics_host}:{metrics_port}"
            raise PortInUse(f"metrics cannot be served at {where} ({error.strerror})") from None
        log.info("metrics of %s are at http://%s:%d/metrics", source.name, settings.metrics_host, server.server_port)
    asyncio.run(_until_told(source, settings))
    return int(SOURCE_POSTS.labels(source=source.name)._value.get())


async def _until_told(source: Source, settings: Settings) -> None:
    running = asyncio.create_task(ingest(source, settings, clock=SystemClock()))
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    waiting = asyncio.create_task(told.wait())
    log.info("%s is read", source.name)
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()
        return
    running.cancel()
    _, left = await asyncio.wait({running}, timeout=LEAVE_S)
    if left:
        log.warning("%s does not leave in time; its cursor is safe", source.name)
        logging.shutdown()
        os._exit(UNFINISHED_EXIT)
    elif not running.cancelled() and (error := running.exception()) is not None:
        raise error
