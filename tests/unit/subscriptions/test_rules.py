"""Which alerts a rule wants, and which rules cannot be meant."""

import pytest

from streams.contracts.subscriptions import Rule
from streams.subscriptions.rules import RuleError, check_rule, wants, wants_mood
from tests.unit.subscriptions.outputs import a_turn, an_alert


def test_an_empty_rule_wants_every_alert_that_people_wrote() -> None:
    assert wants(Rule(), an_alert())
    assert not wants(Rule(), an_alert(simulated=True))
    assert wants(Rule(simulated=True), an_alert(simulated=True))


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (Rule(stages=("emerging",)), True),
        (Rule(stages=("rising", "peaking")), False),
        (Rule(min_rank=4.2), True),
        (Rule(min_rank=4.3), False),
        (Rule(min_credibility=0.9), True),
        (Rule(min_credibility=0.95), False),
        (Rule(languages=("zh", "fr")), True),
        (Rule(languages=("fr",)), False),
        (Rule(platforms=("x",)), True),
        (Rule(platforms=("weibo",)), False),
        (Rule(terms=("TURIN",)), True),
        (Rule(terms=("#turin",)), True),
        (Rule(terms=("flood", "qua")), True),
        (Rule(terms=("flood",)), False),
        (Rule(terms=("quake",), stages=("rising",)), False),
    ],
)
def test_every_condition_must_hold(rule: Rule, wanted: bool) -> None:
    assert wants(rule, an_alert()) is wanted


def test_a_watchlist_chooses_the_stories_that_it_is_for_and_the_turns_of_its_mood() -> None:
    rule = Rule(watchlists=("tesla", "byd"))
    assert wants(rule, an_alert(), {"byd", "other"})
    assert not wants(rule, an_alert(), {"other"})
    assert not wants(Rule(watchlists=("byd",), stages=("rising",)), an_alert(), {"byd"})
    assert wants_mood(rule, a_turn("tesla"))
    assert wants_mood(Rule(watchlists=("tesla",), stages=("rising",)), a_turn("tesla")), "a mood has no stage"
    assert not wants_mood(rule, a_turn("other"))
    assert not wants_mood(Rule(), a_turn("tesla")), "only who names a list is told of its mood"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(stages=("hot",)), "no stage hot"),
        (Rule(min_credibility=1.5), "between 0 and 1"),
        (Rule(min_credibility=float("nan")), "between 0 and 1"),
        (Rule(digest_min=-1), "out of range"),
        (Rule(cooldown_min=10**6), "out of range"),
        (Rule(escalate_min=-5), "out of range"),
        (Rule(watchlists=tuple("x" * 300)), "at most 200"),
        (Rule(zone="Mars/Olympus"), "no time zone"),
        (Rule(zone="../../etc/passwd"), "no time zone"),
        (Rule(quiet="22-07"), "22:00-07:00"),
        (Rule(quiet="25:00-07:00"), "22:00-07:00"),
        (Rule(quiet="07:00-07:00"), "begin when they end"),
        (Rule(terms=tuple("x" * 300)), "at most 200"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_one_line(rule: Rule, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        check_rule(rule)


def test_a_good_rule_passes() -> None:
    check_rule(Rule(stages=("rising",), quiet="22:00-07:00", zone="Asia/Shanghai", digest_min=30, cooldown_min=60))
