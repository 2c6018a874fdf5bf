"""The watchlists of the demo: its people speak of all of them, and what is usual is known before it goes live."""

from pathlib import Path

import msgspec

from agents.settings import Settings
from agents.startup import make_intake
from agents.watching_files import watch_files
from streams.contracts.times import format_time
from streams.simulation import history, watchlists

END_MS = 1_790_000_000_000
HOURS = 30


def test_every_watchlist_of_the_demo_has_posts_a_share_of_voice_and_a_usual_volume(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    lines = [msgspec.json.encode(post) for post in history(1, END_MS, HOURS / 24)]
    path.write_bytes(b"\n".join(lines))
    settings = Settings(author_key="a key that only these tests use")
    lists = watchlists(format_time(END_MS - HOURS * 3_600_000))
    decided = watch_files([path], lists, settings=settings, intake=make_intake(settings), scorer=None)
    assert decided.alerts == []
    last = {report.name: report for report in decided.reports}
    assert set(last) == {watchlist.name for watchlist in lists}
    for report in last.values():
        assert report.posts > 0, report.name
        assert report.share_of_voice is not None
        assert report.posts_before is not None
        # Lists that are as lively as ever: what is usual is of the size of what there is.
        assert report.posts / 4 < report.posts_before < report.posts * 4, report.name
    hours = [report for report in decided.reports if report.name == lists[0].name]
    assert hours[0].posts_before is None
