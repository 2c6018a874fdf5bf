"""What intake reads out of some written posts, against `tests/golden/intake.json`.

After a wanted change: `PYTHONPATH=. python tests/unit/intake/test_golden.py` writes the file anew; read its difference.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from streams.intake import Intake, IntakeSettings, Record

GOLDEN = Path(__file__).parents[2] / "golden" / "intake.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text("utf-8"))


def outcome(intake: Intake, case: dict[str, Any]) -> dict[str, Any]:
    wire = {"id": "g", "platform": "x", "author": "a", "created_at": "2026-03-01T00:00:00Z"}
    wire |= {name: value for name, value in case.items() if name != "read"}
    [read] = intake.take(Record("posts", 0, 0, json.dumps(wire).encode(), 1_772_323_200_000)).posts
    return {"text": read.text, "lang": read.lang, "terms": list(read.terms)}


def new_intake() -> Intake:
    return Intake(IntakeSettings(author_key=b"key of the tests"))


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:24] for case in CASES])
def test_a_written_post_is_read_as_before(case: dict[str, Any]) -> None:
    assert outcome(new_intake(), case) == case["read"]


if __name__ == "__main__":
    reader = new_intake()
    for written in CASES:
        written["read"] = outcome(reader, written)
    GOLDEN.write_text(json.dumps(CASES, ensure_ascii=False, indent=1) + "\n", "utf-8")
