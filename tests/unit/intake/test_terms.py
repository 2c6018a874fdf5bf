"""Which terms, keys and names a post gets: what each kind promises."""

import json

import pytest

from streams.contracts.posts import ReadPost
from streams.contracts.terms import MAX_TERMS_PER_POST
from streams.intake import Intake, IntakeSettings, Record, clean
from streams.intake.links import url_terms
from streams.intake.terms import post_term

INTAKE = Intake(IntakeSettings(author_key=b"key of the tests"))


def read(text: str, *, intake: Intake = INTAKE, **fields: object) -> ReadPost:
    wire = {"id": "1", "platform": "x", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": text} | fields
    [post] = intake.take(Record("posts", 0, 0, json.dumps(wire).encode(), 1_772_323_200_000)).posts
    return post


def test_phrases_do_not_cross_punctuation_stop_words_or_what_was_taken_out() -> None:
    terms = read("storm surge. coast guard and harbour http://a.example/x ferry @captain rescue").terms
    assert [term for term in terms if term.startswith("phrase:")] == ["phrase:storm surge", "phrase:coast guard"]


def test_a_phrase_nobody_listed_is_found_in_both_languages() -> None:
    assert "phrase:zorbel frantic quux" in read("the zorbel frantic quux is here").terms
    assert "phrase:橘胖胖" in read("橘胖胖道歉").terms


def test_hashtags_and_content_come_before_words_where_there_are_too_many_terms() -> None:
    words = " ".join(f"word{chr(97 + i)}{chr(97 + j)}" for i in range(10) for j in range(10))
    terms = read(f"{words} #late http://news.example/1", repost_of="9").terms
    assert len(terms) == MAX_TERMS_PER_POST
    assert terms[:2] == ("tag:late", "post:9")
    assert terms[2].startswith("copy:")
    assert terms[3:6] == ("url:news.example/1", "domain:news.example", "word:wordaa")


def test_a_repost_without_own_words_counts_only_for_what_it_passes_on() -> None:
    for text in ("转发微博", "//@someone:暴雨红色预警", "Repost", ""):
        assert read(text, repost_of="9").terms == ("post:9",)


def test_an_id_too_long_for_a_term_still_names_one_post() -> None:
    assert post_term("a" * 200) != post_term("a" * 199 + "b")
    assert len(post_term("a" * 200)) <= 128


@pytest.mark.parametrize(
    ("address", "terms"),
    [
        ("http://www.News.example/A/?utm_source=x&b=2&a=1#top", ("url:news.example/A?a=1&b=2", "domain:news.example")),
        ("https://m.news.example/A?a=1&b=2.", ("url:news.example/A?a=1&b=2", "domain:news.example")),
        ("https://t.co/Ab1", ("url:t.co/Ab1",)),
        ("t.cn/Ab1", ("url:t.cn/Ab1",)),
        ("https://news.example:8443/", ("domain:news.example",)),
        ("http://user:password@news.example/a", ("url:news.example/a", "domain:news.example")),
        ("http://t.co/cut...", ()),
        ("http://[::1]/", ()),
        ("http://localhost/", ()),
    ],
)
def test_an_address_has_one_spelling(address: str, terms: tuple[str, ...]) -> None:
    assert url_terms(address, 128) == terms


def test_long_addresses_stay_apart_within_the_limit() -> None:
    one, other = (url_terms(f"http://news.example/{'a' * 300}{end}", 128)[0] for end in "xy")
    assert one != other
    assert len(one) <= 128


@pytest.mark.parametrize(
    "copy",
    [
        "WIN a FREE phone now!!! click here quickly #DEAL3 http://sp.example/38",
        "@you win a free phone now, click here quickly #deal99 😀",
        "click here quickly: win a free phone now (12) #deal",
    ],
)
def test_near_duplicates_share_a_key(copy: str) -> None:
    assert (
        read(copy).copy_key
        == read("Win a free phone now, click here quickly #deal1 http://sp.example/01").copy_key
        != 0
    )


def test_other_texts_do_not_share_a_key_and_short_ones_have_none() -> None:
    one = read("Tram derailed near the central station, two injured")
    assert one.copy_key != read("Tram derailed near the northern depot, nobody injured").copy_key
    assert f"copy:{one.copy_key:016x}" in one.terms
    assert read("happy birthday!").copy_key == 0


def test_one_changed_word_of_a_long_text_often_keeps_the_key() -> None:
    words = [f"{chr(97 + i)}{chr(97 + j)}word" for i in range(5) for j in range(10)]
    whole = read(" ".join(words)).copy_key
    kept = sum(read(" ".join([*words[:i], "other", *words[i + 1 :]])).copy_key == whole for i in range(50))
    assert kept >= 35


@pytest.mark.parametrize(
    ("text", "given", "lang"),
    [
        ("The ferry to the island has been cancelled for the night", None, "en"),
        ("im not gonna cry tomorrow i will try not to cry tomorrow", None, "en"),
        ("No me he dado cuenta de lo que le he dicho a mi madre", None, "es"),
        ("hoje as ruas do centro do Rio me lembram a copa no Brasil", None, "pt"),
        ("in fondo i ragazzi non so se vanno a scuola, no", None, "it"),
        ("am Ende war das so in all den an uns verkauften", None, "de"),
        ("Wir fahren heute nicht mehr nach Hause, der Zug steht in Bonn, so no", None, "de"),
        ("Le ferry vers les îles est annulé pour toute la nuit", None, "fr"),
        ("今晚去岛上的渡轮全部取消了", None, "zh"),
        ("iPhone 发布会 live 直播 cancelled 了吗 update 一下", None, "zh"),
        ("フェリーは今夜すべて欠航です", None, "ja"),
        ("오늘 밤 섬으로 가는 배가 모두 취소되었다", None, "ko"),
        ("@friend http://a.example/b 123 😀", None, "und"),
        ("今晚", "en", "en"),
        ("今晚的渡轮取消了", "zh-Hans-CN", "zh"),
        ("今晚的渡轮取消了", "und", "zh"),
        ("今晚的渡轮取消了", "<script>", "zh"),
        ("kapal feri dibatalkan", "in", "id"),
    ],
)
def test_language(text: str, given: str | None, lang: str) -> None:
    assert read(text, lang=given).lang == lang


def test_one_kana_does_not_make_a_chinese_post_japanese() -> None:
    terms = read("我の猫今天看到消防车").terms
    assert "word:消防车" in terms


def test_stop_words_of_another_language_hold_only_in_it() -> None:
    assert "word:un" in read("UN envoy visits the border and will report", lang="en").terms
    assert "word:un" not in read("un terremoto en la ciudad", lang="es").terms


def test_an_author_is_a_keyed_hash_of_platform_and_id() -> None:
    author = read("a").author
    other_key = Intake(IntakeSettings(author_key=b"another"))
    others = {
        author,
        read("a", author="b").author,
        read("a", platform="weibo").author,
        read("a", intake=other_key).author,
        read("a", platform="xa", author="-").author,
    }
    assert len(others) == 5
    assert read("again", author="a").author == author == 17361298511728022967


def test_cleaning_hides_mentions_and_addresses_of_mail() -> None:
    cleaned = clean("@Mary_Ann write to mary@example.org; see https://a.example/x about the #flood")
    assert cleaned.text == "@user write to ; see about the #flood"
    assert (cleaned.tags, cleaned.urls) == (("flood",), ("https://a.example/x",))


def test_a_text_that_expands_under_normalisation_stays_within_the_limit() -> None:
    assert len(clean("\ufdfa" * 1_000, max_chars=1_000).text) <= 1_000
