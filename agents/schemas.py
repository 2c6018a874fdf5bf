"""Writes the JSON Schema of every topic to docs/schemas, for programs in other languages: `make schemas`."""

import json
from pathlib import Path

from streams.contracts.topics import TOPICS, Topic

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schemas"


def schema_text(topic: Topic) -> str:
    """Return the schema of a topic as it is kept."""
    return json.dumps(topic.schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for topic in TOPICS:
        (FOLDER / f"{topic.name}.json").write_text(schema_text(topic), "utf-8")


if __name__ == "__main__":
    main()
