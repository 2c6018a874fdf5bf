"""What subscribers are told, for programs and for people; hostile words stay words."""

import json

from streams.subscriptions.message import TEXT_CHARS, Message, Told, body_of, message_of, text_of, title_of
from tests.unit.subscriptions.outputs import a_brief, a_turn, an_alert

NOW = "2026-03-01T00:10:02.000Z"


def test_one_alert_and_a_digest_have_the_form_that_standard_webhooks_recommends() -> None:
    alert = an_alert()
    one = json.loads(body_of(message_of("m", [Told(alert, a_brief(alert))]), NOW))
    assert (one["type"], one["timestamp"]) == ("redian.alert", NOW)
    assert one["data"]["alert"]["alert_id"] == "a"
    assert one["data"]["brief"]["headline"] == "Strong quake in Turin"
    two = json.loads(body_of(message_of("m", [Told(alert), Told(an_alert("b"))]), NOW))
    assert two["type"] == "redian.digest"
    assert [told["alert"]["alert_id"] for told in two["data"]["alerts"]] == ["a", "b"]
    assert two["data"]["alerts"][0]["brief"] is None
    assert json.loads(body_of(Message("m", "test", ()), NOW))["type"] == "redian.test"


def test_people_read_what_how_many_and_what_posts_say() -> None:
    alert = an_alert()
    message = message_of("m", [Told(alert, a_brief(alert))])
    assert title_of(message) == "emerging: Strong quake in Turin"
    text = text_of(message)
    assert "85 people within 15 min, where fewer than 1 are usual" in text
    assert "› Houses are damaged" in text
    assert "hotspot h" in text
    assert title_of(message_of("m", [Told(alert)])) == "emerging: quake · #turin"
    assert "nobody wrote" in text_of(message_of("m", [Told(an_alert(simulated=True))]))


def test_a_turn_of_a_mood_is_told_by_itself_and_in_a_digest() -> None:
    one = message_of("m", [a_turn()])
    body = json.loads(body_of(one, NOW))
    assert (body["type"], body["data"]["mood"]["name"]) == ("redian.mood", "tesla")
    assert title_of(one) == "tesla: the mood turns worse"
    assert "-0.42 where +0.10 is usual" in text_of(one)
    assert "› battery, in 40% of the posts" in text_of(one)
    both = message_of("m", [Told(an_alert()), a_turn()])
    assert json.loads(body_of(both, NOW))["data"]["moods"][0]["name"] == "tesla"
    assert title_of(both) == "1 hotspot and 1 mood: quake · #turin"
    assert "watchlist tesla" in text_of(both)
    assert "@\u200bteam" in text_of(message_of("m", [a_turn("@team")]))


def test_words_of_posts_call_nobody_and_open_nothing() -> None:
    alert = an_alert()
    hostile = "@everyone <!channel> <@U1> [pay](https://evil) \u202eabc mail a@b.example.com \x1b[31m"
    text = text_of(message_of("m", [Told(alert, a_brief(alert, hostile))])) + title_of(
        message_of("m", [Told(alert, a_brief(alert, hostile))])
    )
    assert "@everyone" not in text
    assert "<!channel" not in text
    assert "<@" not in text
    assert "](" not in text
    assert not set("\u202e\x1b") & set(text)
    assert "a@b.example.com" not in text


def test_a_long_digest_is_cut_where_chats_would_refuse_it() -> None:
    told = [Told(an_alert(str(number)), a_brief(an_alert(str(number)), "x" * 300)) for number in range(40)]
    assert len(text_of(message_of("m", told))) == TEXT_CHARS
