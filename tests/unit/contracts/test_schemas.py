"""The published contract is the one in the code."""

import pytest

from agents.schemas import FOLDER, schema_text
from streams.contracts.topics import TOPICS, Topic


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_published_schema_is_current(topic: Topic) -> None:
    assert (FOLDER / f"{topic.name}.json").read_text("utf-8") == schema_text(topic), "run: make schemas"


def test_no_schema_is_left_of_a_topic_that_is_gone() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {topic.name for topic in TOPICS}
