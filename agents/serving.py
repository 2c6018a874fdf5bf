"""Brings a worker up in order: broker and topics, model, then the application until it is told to stop."""

import gc
import logging
import os
import threading
from concurrent.futures import Future

import faust
import river.drift  # noqa: F401 - it takes long to import, and is needed: here it is while the model loads

from agents import logs
from agents.app import Agents, make_app
from agents.errors import BrokerUnavailable
from agents.runtime import FATAL_EXIT, Runtime, die_if_failed
from agents.settings import Settings
from agents.startup import make_intake
from agents.watching import Watching
from agents.web.guarding import check_exposure
from agents.web.server import listen
from streams.contracts.topics import TOPICS
from streams.scoring import Scorer

log = logging.getLogger(__name__)

LEAVE_S = 9.0
"""A worker that was told to stop is gone after this, whatever hangs: its state is safe at any kill."""


class Process(faust.Worker):  # type: ignore[misc]
    """The process of a worker. A consumer that is told to stop in the middle of a rebalance may wait for ever."""

    async def stop(self) -> None:
        """Leave in order, for so long as that may take."""
        leaving = threading.Timer(LEAVE_S, self._leave_at_once)
        leaving.daemon = True
        leaving.start()
        await super().stop()

    def _leave_at_once(self) -> None:
        log.warning("leaving took longer than %.0f s: the worker ends as it stands, its state is safe", LEAVE_S)
        logging.shutdown()
        os._exit(FATAL_EXIT if self.crashed else 0)


def serve(settings: Settings, loading: "Future[Scorer | None]") -> int:
    """Run a worker until SIGTERM or SIGINT and return its exit status.

    Args:
        settings: of the worker.
        loading: its scorer, warmed up, see `begin_to_load`: it joins the group when it can score.

    Raises:
        BrokerUnavailable: no broker answers, or topics are missing.
        ModelError: the model or the provider asked for is not there.
        PortInUse: the web server cannot listen where the settings say.
        SettingsError: a setting is wrong.
    """
    logging_config = logs.configure(settings.log_form, settings.log_level)
    check_exposure(settings.web_host, settings.web_token.get_secret_value() if settings.web_token else None)
    listening = listen(settings.web_host, settings.web_port)
    partitions = _topics(settings)
    intake = make_intake(settings)
    app = make_app(settings)
    scorer, scoring = loading.result(), None
    if scorer is not None:
        from agents.adapters.onnx import ScoringThread

        scoring = ScoringThread(scorer)
    runtime = Runtime(settings, app, intake, scoring)
    agents = Agents(app, runtime)
    watching = Watching(runtime, lambda: agents.recovering, listening)
    agents.on_leave(watching.stop)
    encoder = "off" if scorer is None else scorer.model.name
    log.info("a worker begins on %s, encoder %s, %s", settings.bootstrap, encoder, partitions)
    worker = Process(
        app, loglevel=settings.log_level, logging_config=logging_config, redirect_stdouts=False, quiet=True
    )
    # Faust starts services of an application once it has joined the group; health must be seen before.
    started = worker.loop.create_task(watching.start())
    started.add_done_callback(die_if_failed)
    gc.collect()
    gc.freeze()  # what was imported and loaded stays: the collector need not look through it again and again
    worker.execute_from_commandline()
    return 0


def _topics(settings: Settings) -> str:
    from agents.adapters.admin import partitions_by_topic

    found = partitions_by_topic(settings)
    missing = [topic.name for topic in TOPICS if topic.name not in found]
    if missing:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} has no topic {', '.join(missing)}; run: redian topics create"
        )
    return ", ".join(f"{topic.name} {found[topic.name]}" for topic in TOPICS)
