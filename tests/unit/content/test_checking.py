"""What posts do not say is caught: numbers, names, places, negation, opposites, inventions; what they say passes."""

import pytest

from streams.content.checking import Evidence
from streams.content.claims import claims_of, in_digits
from tests.claims.cases import Case, cases, plain_cases
from tests.claims.judge import rates

POSTS = {
    "a": "Strong earthquake hits Pine Valley, 23 people are injured and 4 are missing.",
    "b": "The hospital in Pine Valley is open, Mayor Nora Lindqvist says.",
    "c": "Rescuers from Eastport have not arrived yet.",
    "d": "云海地铁三号线突发故障，二十三名乘客被疏散，没有人员受伤。",
}


@pytest.mark.parametrize(
    ("sentence", "posts"),
    [
        ("A strong earthquake hits Pine Valley.", ("a",)),
        ("Twenty-three people are injured in Pine Valley.", ("a",)),
        ("Mayor Nora Lindqvist says the hospital is open.", ("b",)),
        ("Rescuers from Eastport have not yet arrived.", ("c",)),
        ("云海地铁三号线突发故障，23名乘客被疏散。", ("d",)),
    ],
)
def test_what_posts_say_is_supported_by_them(sentence: str, posts: tuple[str, ...]) -> None:
    support = Evidence(POSTS).check(sentence)
    assert (support.posts, support.reason) == (posts, "")


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("A strong earthquake hits Pine Valley, 24 people are injured.", "a number is not in the evidence"),
        ("Strong earthquake hits Eastport.", "a name is not in the evidence"),
        ("The hospital in Pine Valley is not open.", "affirmed and denied"),
        ("The hospital in Pine Valley is closed, Mayor Nora Lindqvist says.", "the opposite is said"),
        ("Rescuers from Eastport have arrived.", "affirmed and denied"),
        ("The government promised new houses to everyone.", "not in the evidence"),
        ("云海地铁三号线突发故障，八十名乘客被疏散。", "a number is not in the evidence"),
        ("云海地铁三号线突发故障，有人员受伤。", "affirmed and denied"),
        ("", "says nothing"),
        ("i?", "says nothing"),
        ("It is.", "says nothing"),
    ],
)
def test_what_posts_do_not_say_is_unsupported_with_the_reason(sentence: str, reason: str) -> None:
    support = Evidence(POSTS).check(sentence)
    assert (support.supported, support.posts, support.reason) == (False, (), reason)


def test_one_false_claim_fails_its_sentence() -> None:
    assert [claim.text for claim in claims_of("The hospital is open; the mayor has fled to the coast.")] == [
        "The hospital is open",
        "the mayor has fled to the coast.",
    ]
    assert not Evidence(POSTS).check("The hospital in Pine Valley is open; the mayor has fled to the coast.").supported


@pytest.mark.parametrize(
    ("text", "plain"),
    [("two hundred homes", "200 homes"), ("twenty-three people", "23 people"), ("二十三名乘客", "23名乘客"),
     ("一万二千人", "12000人"), ("两架飞机", "2架飞机")],
)  # fmt: skip
def test_number_words_become_digits(text: str, plain: str) -> None:
    assert in_digits(text) == plain


@pytest.mark.parametrize("judged", [cases(tuning=False), plain_cases(seen=False)], ids=["stories", "sentences"])
def test_on_what_rules_were_not_made_for_nine_tenths_are_caught(judged: list[Case]) -> None:
    found = rates(judged, None)
    assert found["caught"] >= 0.90
    assert found["true_dropped"] <= 0.15


def test_thresholds_decide_both_ways() -> None:
    from streams.content.checking import Thresholds

    judged = cases(tuning=False)[:200]
    loose = rates(judged, None, Thresholds(words_alone=0.0))
    strict = rates(judged, None, Thresholds(words_alone=1.0))
    assert loose["true_dropped"] <= strict["true_dropped"]
    assert loose["caught"] < strict["caught"]


NEWS = {
    "a": "Judge Vera Molnar sentenced Adam Reyes to six years for a fraud of €1.4 million, it is his second sentence",
    "b": "The council raised the fare to 2.50 on Monday and wants it ordered again by May; the ferry is stable",
    "c": "市政府周三宣布票价上涨12%，第二条线路三个月后开通",
    "d": "Minister Farah Idris: the old dam holds and there is no risk of a breach",
    "e": "港口扩建投资八亿元，港口设备每月检修一次",
}


@pytest.mark.parametrize(
    "sentence",
    [
        "Adam Reyes was sentenced to six years by Judge Vera Molnar.",
        "According to Minister Farah Idris there is no risk of a breach.",
        "There is no risk of a breach, Minister Farah Idris warned.",
        "The council increased the fare to 2.50 on Monday.",
        "The council wants the fare ordered again by May.",
        "市政府宣布，票价上涨12%。",
        "港口扩建投资800000000元。",
    ],
)
def test_the_same_in_other_words_is_supported(sentence: str) -> None:
    assert Evidence(NEWS).check(sentence).reason == ""


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Judge Vera Molnar sentenced Adam Reyes to six months.", "a number counts something else"),
        ("Adam Reyes was sentenced for a fraud of $1.4 million.", "a number counts something else"),
        ("It is the third sentence of Adam Reyes.", "a date or an order is not in the evidence"),
        ("Judge Vera Molnar acquitted Adam Reyes of fraud.", "the opposite is said"),
        ("The council cut the fare to 2.50 on Monday.", "the opposite is said"),
        ("The ferry is unstable, the council wants it ordered again.", "the opposite is said"),
        ("Red council raised the fare to 2.50 on Monday.", "a name is not in the evidence"),
        ("The council raised the toll to 2.50 on Monday.", "another word stands in its place"),
        ("省政府周三宣布票价上涨12%。", "another word stands in its place"),
        ("There is a risk of a breach, Minister Farah Idris says.", "affirmed and denied"),
        ("市政府周四宣布票价上涨12%。", "a date or an order is not in the evidence"),
        ("市政府周三宣布票价下跌12%。", "the opposite is said"),
        ("第三条线路三个月后开通。", "a number counts something else"),
        ("第二条线路三年后开通。", "a number counts something else"),
        ("港口扩建投资八亿美元。", "a number counts something else"),
        ("港口设备每年检修一次。", "a date or an order is not in the evidence"),
    ],
)
def test_units_orders_dates_and_opposites_may_not_differ(sentence: str, reason: str) -> None:
    assert Evidence(NEWS).check(sentence).reason == reason
