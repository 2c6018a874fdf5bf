"""Texts to measure a model with, for somebody who has a file of posts and for somebody who has none."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.settings import Settings


def texts_to_score(stream: Path | None, posts: int, settings: "Settings") -> list[str]:
    """Return the different texts of the first posts of a file, cleaned as intake cleans them, or of simulated ones.

    Raises:
        UnreadableFile: the file cannot be read.
    """
    from agents.bench.stages import records_of, texts_of
    from agents.cli.null import BEGIN_MS, SEED
    from agents.files import lines_of
    from agents.startup import make_intake
    from streams.simulation.stream import live

    if stream is None:
        return list(dict.fromkeys(post.text for post in islice(live(SEED, BEGIN_MS), posts)))
    records = records_of(lines_of(stream), posts, settings.pipeline(), settings.posts_per_message)
    return texts_of(records, make_intake(settings))
