"""The job in Redian: a worker that has only its agent of `posts`, and the two topics that this one follows."""

import gc
import os

import faust
from faust.types import TP

from agents.app import make_app
from agents.bench.references import ends_of_posts
from agents.logs import configure
from agents.optouts import OptOutsFollowed
from agents.posts import PostsAgent
from agents.runtime import Runtime
from agents.settings import current_settings
from agents.startup import make_intake
from agents.watchlists import WatchlistsFollowed
from streams.contracts.topics import POSTS
from tests.bench.peers.job import Clock


class Watched(Runtime):
    """A runtime that ends the process when all of `posts` is committed."""

    def __init__(self, clock: Clock) -> None:
        settings = current_settings()
        super().__init__(settings, make_app(settings), make_intake(settings), None)
        self._clock = clock
        self._left = ends_of_posts(settings)

    async def commit(self, tp: TP, next_offset: int) -> None:
        """Commit; tell and end if that was the last."""
        await super().commit(tp, next_offset)
        if next_offset >= self._left[tp.partition]:
            del self._left[tp.partition]
            if not self._left:
                self._clock.tell()
                os._exit(0)  # nothing is to be saved, and Faust takes seconds to leave a group


def main() -> None:
    """Read all of `posts`."""
    runtime = Watched(Clock())
    app = runtime.app
    watchlists = WatchlistsFollowed(runtime)
    opt_outs = OptOutsFollowed(runtime.consumer, runtime.intake.opted_out)
    agent = PostsAgent(runtime, watchlists, opt_outs)
    topic = app.topic(POSTS.name, key_type=bytes, value_type=bytes, value_serializer="raw", acks=False)
    app.agent(topic, name="redian.posts", concurrency=1)(agent.run)
    for task in (agent.tick, agent.send, watchlists.follow, opt_outs.follow):
        app.task(task)
    gc.collect()
    gc.freeze()  # as `redian worker` does
    config = configure(level="error")  # else Faust has its clients' debug records made
    worker = faust.Worker(app, loglevel="error", logging_config=config, redirect_stdouts=False, quiet=True)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
