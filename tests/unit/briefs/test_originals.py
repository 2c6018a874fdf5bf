"""A cascade whose reposts say nothing has the original's words for a headline, or plain ones, never a name of ours."""

import msgspec
import pytest

from streams.briefs import EvidencePost, offsets_before, original_of, write_brief
from streams.briefs.judging import traceable
from streams.briefs.originals import LOOK_BACK
from streams.contracts.outputs import Hotspot, Source
from streams.intake import Intake, IntakeSettings, Record
from streams.pipeline import original_among
from tests.unit.briefs.conftest import hotspot_about, posts_from

INTAKE = Intake(IntakeSettings(author_key=b"a key that only these tests use"))
WHEN = "2026-03-02T00:00:00Z"
TEXT = "【城东老桥坍塌】城东老桥今天上午突然坍塌，消防人员已经赶到现场。目前没有伤亡报告。"
COMMENTS = {"r1": "转发微博", "r2": "天哪", "r3": "[怒]", "r4": "哈哈", "r5": "。。。"}


def cascade(term: str = "post:o1", lang: str = "zh") -> Hotspot:
    hotspot = hotspot_about((term,), tuple(COMMENTS))
    return msgspec.structs.replace(hotspot, terms=(term,), why=msgspec.structs.replace(hotspot.why, term=term))


def record(offset: int, *posts: dict[str, str]) -> Record:
    base = {"platform": "weibo", "author": "a", "created_at": WHEN}
    return Record("posts", 0, offset, msgspec.json.encode([base | post for post in posts]), 1_772_409_600_000)


LOG = [
    record(0, {"id": "x", "text": "早上好"}, {"id": "o1", "text": TEXT}),
    record(1, {"id": "r1", "text": "转发微博", "repost_of": "o1"}, {"id": "r2", "text": "天哪", "repost_of": "o1"}),
]


def test_the_original_is_found_among_reposts_that_name_it_and_quoted() -> None:
    hotspot, posts = cascade(), posts_from(COMMENTS, "zh")
    first = write_brief(hotspot, posts)
    assert original_of(hotspot, first) == "o1"
    original = original_among(LOG, "o1", INTAKE)
    assert original is not None
    brief = write_brief(hotspot, posts, original=original)
    assert brief.headline_evidence == ("o1",)
    assert "城东老桥" in brief.headline
    for sentence in brief.sentences:
        assert sentence.evidence == ("o1",)
        assert traceable(sentence.text, TEXT)
    assert [(quoted.id, quoted.offset, quoted.index) for quoted in brief.quoted] == [("o1", 0, 1)]
    assert original_of(hotspot, brief) is None
    after = write_brief(cascade(), posts, brief)
    assert after.headline == brief.headline


def test_an_original_that_was_taken_back_is_not_quoted() -> None:
    assert original_among(LOG, "o1", INTAKE, lambda post: post.id == "o1") is None


def test_evidence_that_can_be_quoted_needs_no_original(chinese: dict[str, str]) -> None:
    hotspot = hotspot_about(("post:o1", "老桥", "坍塌"), tuple(chinese))
    assert original_of(hotspot, write_brief(hotspot, posts_from(chinese, "zh"))) is None


@pytest.mark.parametrize(
    ("term", "lang", "title"),
    [
        ("post:o1", "zh", "被许多人转发的一条帖子"),
        ("post:o1", "en", "A post that many people pass on"),
        ("copy:00ff", "zh", "许多人发布的同一段文字"),
        ("copy:00ff", "en", "A text that many people post"),
    ],
)
def test_without_an_original_plain_words_in_the_posts_language_stand(term: str, lang: str, title: str) -> None:
    comments = COMMENTS if lang == "zh" else dict.fromkeys(COMMENTS, "wow")
    assert write_brief(cascade(term), posts_from(comments, lang)).headline == title


def test_terms_that_people_read_come_before_plain_words() -> None:
    hotspot = cascade()
    why = msgspec.structs.replace(hotspot.why, top_terms=("post:o1", "#桥", "copy:00ff", "坍塌"))
    brief = write_brief(msgspec.structs.replace(hotspot, why=why), posts_from(COMMENTS, "zh"))
    assert brief.headline == "#桥 · 坍塌"


def test_an_original_that_cannot_be_quoted_leaves_plain_words() -> None:
    original = EvidencePost("o1", "看 http://t.cn/x", "zh")
    brief = write_brief(cascade(), posts_from(COMMENTS, "zh"), original=original)
    assert (brief.headline, brief.headline_evidence) == ("被许多人转发的一条帖子", ())


def test_an_original_is_looked_for_in_a_bounded_stretch_before_the_evidence() -> None:
    assert offsets_before([Source("r", 1, 1000, 0), Source("s", 0, 990, 0)]) == range(1001 - LOOK_BACK, 1001)
    assert offsets_before([Source("r", 0, 2, 0)]) == range(3)
    assert not offsets_before([])
