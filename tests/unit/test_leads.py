"""Lead times over a list: what counts as the same event, and what a list that is seldom taken can say."""

from streams.ingesting.leads import DAY_MS, Listed, Told, coverage, first_seen, leads_over

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def test_a_title_is_new_when_it_was_not_there_before_and_again_after_a_day() -> None:
    snapshots = [(0, ["旧闻"]), (HOUR_MS, ["旧闻", "地震"]), (2 * HOUR_MS, ["地震"])]
    snapshots += [(3 * DAY_MS, ["其他"]), (3 * DAY_MS + HOUR_MS, ["地震"])]
    assert first_seen(snapshots) == [
        Listed("地震", 0, HOUR_MS),
        Listed("其他", 2 * HOUR_MS, 3 * DAY_MS),
        Listed("地震", 3 * DAY_MS, 3 * DAY_MS + HOUR_MS),
    ]


def test_a_lead_is_counted_to_the_last_moment_without_the_title() -> None:
    listed = [Listed("樊振东德甲夺冠", 10 * HOUR_MS, 11 * HOUR_MS)]
    early = Told("h1", 10 * HOUR_MS - 14 * MINUTE_MS, ("word:樊振东", "word:夺冠"))
    late = Told("h2", 10 * HOUR_MS + 30 * MINUTE_MS, ("tag:樊振东德甲夺冠",))
    other = Told("h3", 10 * HOUR_MS, ("word:天气",))
    report = leads_over(listed, [early, late, other])
    assert [(lead.hotspot_id, lead.lead_ms // MINUTE_MS) for lead in report.leads] == [("h1", 14), ("h2", -30)]
    assert (report.earlier, report.told, report.listed) == (1, 3, 1)
    assert report.median_ms == -8 * MINUTE_MS


def test_what_is_days_apart_or_covers_too_little_is_another_event() -> None:
    listed = [Listed("樊振东德甲夺冠", 0, HOUR_MS)]
    assert not leads_over(listed, [Told("h", 2 * DAY_MS, ("tag:樊振东德甲夺冠",))]).leads
    assert not leads_over(listed, [Told("h", 0, ("word:夺冠",))]).leads
    assert leads_over([], []).median_ms is None


def test_coverage_is_of_characters_and_one_letter_covers_nothing() -> None:
    assert coverage("Flood in Turin", ["word:flood", "word:turin"]) > 0.8
    assert coverage("a b c", ["word:a", "word:b"]) == 0
    assert coverage("", ["word:a"]) == 0
    assert coverage("!!!", []) == 0


def test_a_text_covers_what_it_shares_in_runs_and_not_by_single_words() -> None:
    assert coverage("樊振东德甲夺冠", [], "今晚，樊振东德甲夺冠！") == 1
    assert coverage("樊振东德甲夺冠", ["word:樊振东"], "德甲的夺冠") < 0.6
    assert coverage("亚运会", [], "亚运会今天开幕") == 0
    assert leads_over([Listed("樊振东德甲夺冠", 0, HOUR_MS)], [Told("h", 0, ("post:1",), "樊振东 德甲夺冠")]).leads
