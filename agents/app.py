"""The Faust application of a worker: its agents, its background tasks, and the order in which it leaves."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import faust
from faust.app.base import App

from agents.adapters.connection import faust_credentials
from agents.briefs import BriefsAgent
from agents.content import ContentAgent
from agents.optouts import OptOutsFollowed
from agents.outside import Outside
from agents.posts import PostsAgent
from agents.profiles import ProfilesAgent
from agents.recommending import RecommendingAgent
from agents.runtime import METADATA_MS, Runtime, die
from agents.settings import Settings
from agents.shards import ShardsAgent
from agents.stories import StoriesAgent
from agents.subscribers.telling import Telling
from agents.support import SupportAgent
from agents.verdicts import Verdicts
from agents.watchlists import MentionsAgent, WatchBoardAgent, WatchlistsFollowed
from streams.contracts.topics import (
    BURSTS,
    CONTENT_REQUESTS,
    HOTSPOTS,
    MENTIONS,
    POSTS,
    QUESTIONS,
    RECOMMENDATION_REQUESTS,
    SCORED,
    TERMS,
    WATCH_BUCKETS,
    Topic,
)

log = logging.getLogger(__name__)

DRAIN_S = 5.0
"""How long a leaving worker may take to send what it has read: with the snapshots it is gone within 10 s."""


def make_app(settings: Settings) -> faust.App:
    """Return the application without agents.

    Topics are created by `redian topics create`; Faust declares none, elects no leader and opens no web server.
    """
    folder = Path(settings.data_dir) / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    servers = ";".join(f"kafka://{server}" for server in settings.bootstrap.split(","))
    return faust.App(
        settings.app_id,
        broker=servers,
        broker_credentials=faust_credentials(settings),
        datadir=str(folder),
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=METADATA_MS,
        consumer_max_fetch_size=2 * 1024 * 1024,
        broker_max_poll_records=500,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 4,
        broker_commit_livelock_soft_timeout=3600.0,
        stream_buffer_maxsize=256,
        stream_wait_empty=False,
        worker_redirect_stdouts=False,
    )


def _topic(app: faust.App, topic: Topic) -> faust.TopicT[bytes]:
    # acks=False: Faust neither tracks nor commits these topics, the agents do (docs/decisions/0003).
    return app.topic(
        topic.name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", acks=False
    )


class Agents:
    """The agents of a worker, attached to its application."""

    def __init__(self, app: faust.App, runtime: Runtime) -> None:
        self.watchlists = WatchlistsFollowed(runtime)
        self.opt_outs = OptOutsFollowed(runtime.consumer, runtime.intake.opted_out)
        self.posts = PostsAgent(runtime, self.watchlists, self.opt_outs)
        self.shards = ShardsAgent(runtime)
        self.stories = StoriesAgent(runtime)
        self.briefs = BriefsAgent(runtime)
        self.telling = Telling(runtime)
        self.verdicts = Verdicts(runtime)
        self.support = SupportAgent(runtime)
        self.outside = Outside(runtime)
        self.content = ContentAgent(runtime)
        self.profiles = ProfilesAgent(runtime, self.opt_outs)
        self.recommending = RecommendingAgent(runtime)
        self.mentions = MentionsAgent(runtime)
        self.board = WatchBoardAgent(runtime, self.watchlists)
        self._keepers = (self.shards.keeper, self.stories.keeper, self.mentions.keeper, self.board.keeper)
        self._runtime = runtime
        self._last: list[Callable[[], Awaitable[None]]] = []
        for topic, agent in (
            (POSTS, self.posts),
            (TERMS, self.shards),
            (BURSTS, self.stories),
            (HOTSPOTS, self.briefs),
            (QUESTIONS, self.support),
            (CONTENT_REQUESTS, self.content),
            (SCORED, self.profiles),
            (RECOMMENDATION_REQUESTS, self.recommending),
            (MENTIONS, self.mentions),
            (WATCH_BUCKETS, self.board),
        ):
            app.agent(_topic(app, topic), name=f"redian.{topic.name}", concurrency=1)(agent.run)
        for task in (self.posts.tick, self.posts.send, self.telling.run, *(kept.save_often for kept in self._keepers)):
            app.task(task)
        for task in (self.briefs.revise, self.watchlists.follow, self.support.read_folder, self.support.follow):
            app.task(task)
        for task in (self.verdicts.run, self.profiles.tick, self.outside.run):
            app.task(task)
        app.task(self._follow_opt_outs)
        assert isinstance(app, App)
        app.on_before_shutdown.connect(self._leave)

    @property
    def recovering(self) -> bool:
        """Whether some state is still being read back."""
        return any(keeper.recovering for keeper in self._keepers)

    def on_leave(self, last: Callable[[], Awaitable[None]]) -> None:
        """Have something done when everything else has left."""
        self._last.append(last)

    async def _follow_opt_outs(self) -> None:
        try:
            await self.opt_outs.follow()
        except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
            die(error)

    async def _leave(self, _sender: faust.App, **_: object) -> None:
        """Finish what was read, snapshot, commit. Consumption has stopped, the group has not been left yet."""
        await self.telling.stop()
        await self.verdicts.stop()
        await self.outside.stop()
        await self.posts.drain(DRAIN_S)
        await self.profiles.flush()
        for keeper in self._keepers:
            await keeper.save()
        await self._runtime.stop()
        for last in self._last:
            await last()
