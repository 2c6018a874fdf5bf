"""What each principal may do follows the registry: who writes may write, who reads may read, nobody else."""

import pytest

from agents.adapters.permissions import ROLES, commands_of, permissions_of
from agents.settings import Settings
from streams.contracts.topics import TOPICS

SETTINGS = Settings(app_id="own")


def operations(role: str) -> dict[str, set[str]]:
    return {needed.name: set(needed.operations) for needed in permissions_of(role, SETTINGS) if needed.kind == "topic"}


def test_only_workers_may_write_what_workers_own() -> None:
    for topic in TOPICS:
        if topic.owner.startswith("agents.") and topic.name not in ("posts.dead", "subscribers", "feedback"):
            assert [role for role in ROLES if "Write" in operations(role).get(topic.name, ())] == ["worker"]


def test_a_worker_can_not_write_posts_nor_create_anything() -> None:
    assert "Write" not in operations("worker")["posts"]
    assert not any("Create" in held for held in operations("worker").values())


def test_a_consumer_reads_outputs_and_a_source_what_it_goes_on_from() -> None:
    assert set(operations("consumer")) == {"posts.scored", "hotspots", "alerts", "briefs"}
    held = operations("source")
    assert held.pop("optouts") == held.pop("answers") == {"Describe", "Read"}
    assert set(held) == {
        "posts", "sources.cursors", "posts.deleted", "posts.dead", "outside.listings", "questions",
    }  # fmt: skip
    assert all({"Describe", "Write"} <= operations for operations in held.values())
    assert {name for name, operations in held.items() if "Read" in operations} == {"posts", "sources.cursors"}


def test_an_operator_writes_what_commands_write_and_a_worker_follows_it() -> None:
    for name in ("subscribers", "watchlists", "questions", "optouts", "posts.deleted", "posts"):
        assert "Write" in operations("operator")[name], name
    for name in ("subscribers", "watchlists", "questions", "optouts", "posts.deleted"):
        assert "Read" in operations("worker")[name], name


@pytest.mark.parametrize("role", ROLES)
def test_lines_name_the_principal(role: str) -> None:
    lines = commands_of(role, "someone", SETTINGS)
    assert lines
    assert all("--allow-principal User:someone --operation " in line for line in lines)
