"""Lines read well: what people add when they pass things on is gone, what is cut off is closed or left out."""

import time

import pytest

from streams.briefs.tidy import lines_of


@pytest.mark.parametrize(
    ("text", "lang", "lines"),
    [
        ("this is horrifying RT @user : Death toll now 1,006 in #Bangladesh factory collapse.", "en",
         ["This is horrifying.", "Death toll now 1,006 in Bangladesh factory collapse."]),
        ("Wow “ @user : “ @user : The town is being evacuated. ”", "en", ["Wow.", "The town is being evacuated."]),
        ("#BREAKING #quake Bridge falls into the river (via @user ) #pray #help", "en",
         ["Bridge falls into the river."]),
        ("Fire kills at least 90: SAO PAULO (Reuters) - At least 90 people were killed in a ...", "en",
         ["Fire kills at least 90: SAO PAULO (Reuters)."]),
        ("They should have stopped when the ...", "en", []),
        ("Meteor seen over the hills - Video http:/", "en", ["Meteor seen over the hills."]),
        ("Update - two people found 😀🙏 !!!! More soon", "en", ["Two people found!", "More soon."]),
        ("【老桥坍塌】今天上午老桥坍塌！！目前没有伤亡", "zh", ["老桥坍塌。", "今天上午老桥坍塌！", "目前没有伤亡。"]),
        ("#老桥坍塌#大家注意绕行", "zh", ["大家注意绕行。"]),
        ("快讯：地铁三号线停运。?", "zh", ["地铁三号线停运。"]),
    ],
)  # fmt: skip
def test_lines(text: str, lang: str, lines: list[str]) -> None:
    assert lines_of(text, lang) == lines


def test_a_long_chinese_text_that_breaks_off_is_cut_at_its_last_clause() -> None:
    text = "今天上午城东的老桥突然坍塌，消防人员已经赶到现场，" * 4 + "附近的居民正在撤离到"
    assert not any("撤离到" in line for line in lines_of(text, "zh"))


@pytest.mark.parametrize("piece", ["#a", "((", "@user ", "【", "... ", "#啊#", "RT ", "via ", "， ", '"', "? "])
def test_hostile_runs_take_no_time(piece: str) -> None:
    began = time.process_time()
    lines_of(piece * (20_000 // len(piece)) + "x", "zh")
    assert time.process_time() - began < 10  # quadratic work would take minutes
