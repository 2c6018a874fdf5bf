"""`redian leads` on Weibo's own list: real cascades, each told in the words of a title and moved an hour before it or
after it, over real posts. What the report must say is known to the minute.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.backtest import run_backtest
from agents.settings import current_settings
from agents.startup import make_intake
from streams.contracts.times import format_time, to_ms
from streams.ingesting.leads import Listed, first_seen
from tests.conftest import DATA
from tests.integration.program import environment, redian

pytestmark = [pytest.mark.data, pytest.mark.timeout(600)]

MOVED = timedelta(days=91)
"""From the posts' days to the list's."""
BEGIN, END = datetime(2026, 6, 8, tzinfo=UTC), datetime(2026, 6, 11, tzinfo=UTC)
PLANTED_FROM_MS = to_ms(datetime(2026, 6, 10, 2, tzinfo=UTC))
HALF_HOUR_MS = 1_800_000
APART_MS = 2 * HALF_HOUR_MS
CASCADES = 10

Line = dict[str, Any]


@pytest.fixture
def hot_list() -> Path:
    """Weibo's hot-search list, every hour; skips where the data are absent."""
    path = DATA / "hot-lists" / "weibo-hourly.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside the repository (../shared/data/hot-lists)")
    return path


def lines_in(path: Path) -> Iterator[Line]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def ms_of(line: Line) -> int:
    return to_ms(datetime.fromisoformat(line["created_at"]))


def titles_of(path: Path) -> list[Listed]:
    """Return what comes onto the list on the third day, every two hours one."""
    zone = datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo
    snapshots: dict[int, list[str]] = {}
    for row in lines_in(path):
        if not row["ads"]:
            at = datetime.fromisoformat(row["day"]).replace(hour=int(row["hour"]), tzinfo=zone)
            snapshots.setdefault(to_ms(at), []).append(row["title"])
    chosen: list[Listed] = []
    for listed in first_seen(snapshots.items()):
        due_ms = PLANTED_FROM_MS + 2 * APART_MS * len(chosen)
        # A short title is covered by one word of somebody else's story.
        if listed.absent_ms >= due_ms and len(listed.title) >= 7 and listed.title.isalpha():
            chosen.append(listed)
    return chosen[:CASCADES]


def traffic(stream: Path, titles: list[Listed]) -> list[Line]:
    """Return three days of unrelated posts and, for each title, a cascade about it, in order of time."""
    truth = json.loads(gzip.decompress(stream.with_name("cascades-zh.truth.json.gz").read_bytes()))
    label: dict[str, str] = truth["label"]
    posts: list[Line] = []
    cascades: dict[str, list[Line]] = {}
    for line in lines_in(stream):
        if (event := label.get(line["id"])) is not None:
            cascades.setdefault(event, []).append(line)
        elif BEGIN <= (at := datetime.fromisoformat(line["created_at"]) + MOVED) < END:
            posts.append({**line, "created_at": format_time(to_ms(at))})
    quick = (found for found in cascades.values() if _in_half_an_hour(found) >= 80)
    for number, (listed, cascade) in enumerate(zip(titles, quick, strict=False)):
        begins_ms = listed.absent_ms + (APART_MS if number % 2 else -APART_MS)
        first_ms = ms_of(cascade[0])
        for line in cascade:
            # Everybody uses the tag, or only what all repost has the title, and the reposts say what they did say.
            said = f"{line['text']} #{listed.title}#" if number % 4 < 2 else line["text"]
            if number % 4 >= 2 and "repost_of" not in line:
                said = f"【{listed.title}】{said}"
            posts.append({**line, "created_at": format_time(begins_ms + ms_of(line) - first_ms), "text": said})
    return sorted(posts, key=ms_of)


def _in_half_an_hour(cascade: list[Line]) -> int:
    begin_ms = ms_of(cascade[0])
    return sum(ms_of(line) < begin_ms + HALF_HOUR_MS for line in cascade)


def told_of(posts: Path, alerts: Path) -> dict[str, int]:
    """Write the alerts of a backtest; return when each hotspot was first told (ms)."""
    settings = current_settings({"encoder": "off"})
    first: dict[str, int] = {}
    with alerts.open("wb") as file:
        for outputs, _ in run_backtest(
            [posts],
            settings=settings.pipeline(),
            intake=make_intake(settings),
            scorer=None,
            posts_per_message=settings.posts_per_message,
        ):
            for alert in outputs.alerts:
                file.write(msgspec.json.encode(alert) + b"\n")
                first.setdefault(alert.hotspot_id, to_ms(datetime.fromisoformat(alert.emitted_at)))
    return first


def test_leads_over_the_list_are_told_as_they_were_planted(cascades: Path, hot_list: Path, tmp_path: Path) -> None:
    titles = titles_of(hot_list)
    assert len(titles) == CASCADES
    posts = tmp_path / "posts.jsonl"
    posts.write_text("".join(json.dumps(line) + "\n" for line in traffic(cascades, titles)), "utf-8")
    alerts = tmp_path / "alerts.jsonl"
    first = told_of(posts, alerts)
    env = environment("127.0.0.1:1", tmp_path)
    command = ["leads", str(alerts), str(hot_list), "--within-h", "6", "--posts", str(posts)]
    report = redian(env, *command, "--json")
    assert report.returncode == 0, report.stderr
    found = json.loads(report.stdout)["leads"]
    place = {listed.title: number for number, listed in enumerate(titles)}
    told = Counter(lead["title"] for lead in found if lead["title"] in place)
    assert len(told) >= 0.8 * CASCADES
    assert sum(told.values()) >= 0.9 * len(found)
    for lead in found:
        number = place.get(lead["title"])
        if number is None:
            continue
        assert lead["lead_ms"] == titles[number].absent_ms - first[lead["hotspot_id"]]
        planted_ms = -APART_MS if number % 2 else APART_MS
        assert planted_ms - HALF_HOUR_MS <= lead["lead_ms"] <= planted_ms
    shown = redian(env, *command)
    assert "were told before they were listed; median lead" in " ".join(shown.stdout.split())
