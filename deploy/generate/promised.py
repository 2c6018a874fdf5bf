"""What a release promises, and writes down: the schemas that the next version is compared with.

Beside the topics of other teams these are the lists that people write once and that stay: a later version must read
each of them as it was written.

    python -m deploy.generate.promised    # or: make promise
"""

from pathlib import Path
from typing import Final

from agents.schemas import schema_text
from deploy.generate.asyncapi import PUBLISHED, RECEIVED
from streams.contracts.topics import FEEDBACK, OPT_OUTS, SUBSCRIBERS, WATCHLISTS, Topic

FOLDER: Final = Path(__file__).resolve().parents[2] / "tests" / "golden" / "promised"
KEPT: Final = (WATCHLISTS, OPT_OUTS, SUBSCRIBERS, FEEDBACK)
"""Lists that people write."""
READ: Final = (*RECEIVED, *KEPT)
"""Values that Redian must go on reading; those of other topics others must go on reading."""
PROMISED: Final = (*READ, *PUBLISHED)


def kept(topic: Topic) -> Path:
    """Return where the promised schema of a topic is kept."""
    return FOLDER / f"{topic.name}.json"


if __name__ == "__main__":
    for promised in PROMISED:
        kept(promised).write_text(schema_text(promised), "utf-8")
