"""`redian evaluate --learn` over a small stream: muting is that of a backtest with the same verdicts."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import Result
from typer.testing import CliRunner

from agents.backtest import run_backtest
from agents.cli.main import app
from agents.cli.told import told_of_posts
from agents.errors import RedianError
from agents.settings import choose, current_settings
from agents.startup import make_intake
from streams.contracts.outputs import Alert, Hotspot
from streams.contracts.times import format_time
from streams.evaluation import Truth
from streams.readers import Trial, interests_of

BEGIN_MS = 1_772_409_600_000
HOUR_MS = 3_600_000
DAYS = 6
EVERY_H = 2


@pytest.fixture(autouse=True)
def _without_a_model() -> None:
    choose({"encoder": "off", "shards": 1, "terms_partitions": 1})


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six days; from the second on, news on one platform and shows, which nobody wants, on another take turns."""
    folder = tmp_path_factory.mktemp("readers")
    posts = [
        {"id": f"d{n}", "author": f"a{n % 50}", "at": BEGIN_MS + n * HOUR_MS // 6, "text": f"quiet evening number {n}"}
        for n in range(DAYS * 144)
    ]
    label, events = {}, []
    for number in range((DAYS - 1) * 24 // EVERY_H):
        begin = BEGIN_MS + (25 + number * EVERY_H) * HOUR_MS
        kind = ("news", "show")[number % 2]
        events.append({"event": f"{kind}{number}", "start": format_time(begin)})
        for n in range(12):
            post = {"id": f"{kind}{number}-{n}", "author": f"w{number}-{n}", "at": begin + n * 20_000}
            posts.append({**post, "text": f"#{kind}{number} begins {n}", "platform": kind})
            label[f"{kind}{number}-{n}"] = f"{kind}{number}"
    posts.sort(key=lambda post: int(str(post["at"])))
    lines = [
        json.dumps({"platform": "x", **post, "created_at": format_time(int(str(post.pop("at"))))}) for post in posts
    ]
    path = folder / "posts.jsonl"
    path.write_text("\n".join(lines))
    truth = {
        "must_find": [event for event in events if event["event"].startswith("news")],
        "must_ignore": [event for event in events if event["event"].startswith("show")],
        "label": label,
    }
    (folder / "truth.json").write_text(json.dumps(truth))
    return path


def truth_of(stream: Path) -> Truth:
    return msgspec.json.decode((stream.parent / "truth.json").read_bytes(), type=Truth)


def evaluate(stream: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", str(stream), "--truth", str(stream.parent / "truth.json"), *arguments])


def test_what_a_reader_has_muted_is_what_a_backtest_mutes_with_the_same_verdicts(stream: Path) -> None:
    settings = current_settings()
    heeding = settings.pipeline().heeding(make_intake(settings).rotations)
    trial = Trial(heeding, interests_of(truth_of(stream))[0], truth_of(stream).label)
    told_of_posts(stream, None, on_record=trial.take)
    alerts: list[Alert] = []
    hotspots: list[Hotspot] = []
    for outputs, _ in run_backtest(
        [stream],
        settings=settings.pipeline(),
        intake=make_intake(settings),
        scorer=None,
        posts_per_message=settings.posts_per_message,
        feedback=trial.feedback,
    ):
        alerts += outputs.alerts
        hotspots += outputs.hotspots
    muted = {told.hotspot_id for told in hotspots if told.relevance is not None and told.relevance.muted}
    assert muted == {hotspot_id for hotspot_id, _ in trial.muted} != set()
    assert len(alerts) == trial.alerts
    thought = {told.hotspot_id: told.relevance.probability for told in reversed(alerts) if told.relevance is not None}
    assert thought.items() <= {name: shown.thought for name, shown in trial.shown.items()}.items()


def test_a_reader_who_wants_no_shows_is_spared_them_and_loses_nothing(stream: Path) -> None:
    ran = evaluate(stream, "--learn", "--json")
    assert ran.exit_code == 0, ran.exception
    told = json.loads(ran.stdout)
    reader = told["readers"][0]
    assert told["simulated"]
    assert reader["reader"] == "every event"
    assert (reader["hotspots"], reader["relevant"]) == (60, 30)
    assert reader["ranked"]["low"] > 0
    assert reader["log_loss"]["high"] < 0
    assert reader["muted"] > 0 == reader["missed"]
    assert reader["alerts"] == told["alerts"] - reader["muted"]


def test_tables_say_that_readers_are_simulated_and_who_wants_what(stream: Path) -> None:
    ran = evaluate(stream, "--learn", "--wants", "NEWS1")
    assert ran.exit_code == 0, ran.exception
    shown = " ".join(ran.stdout.split())
    assert "simulated readers" in shown
    assert all(name in shown for name in ("every event", "large events", "NEWS1", "0.25 relevant ones a day"))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--learn", "--wants", "("], "is no regular expression"),
        (["--null", "1", "--learn"], "make their own stream"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(stream: Path, arguments: list[str], why: str) -> None:
    ran = evaluate(stream, *arguments)
    assert isinstance(ran.exception, RedianError)
    assert why in str(ran.exception)


def test_what_backtest_wrote_has_no_alerts_to_come(stream: Path) -> None:
    ran = CliRunner().invoke(
        app, ["evaluate", str(stream.parent), "--truth", str(stream.parent / "truth.json"), "--learn"]
    )
    assert "name the file" in str(ran.exception)
