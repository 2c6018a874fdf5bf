"""Whom terms name: the longest name, whole words, and nobody by chance."""

import pytest

from streams.linking import Entity, Gazetteer
from streams.linking.gazetteer import MOST, NOTHING


@pytest.fixture
def known() -> Gazetteer:
    """A few entities, one name among them that two have."""
    return Gazetteer(
        [
            Entity("iso3166:CN", "country", "China", ("China", "中国")),
            Entity("domain:boc.cn", "organisation", "Bank of China", ("Bank of China", "中国银行")),
            Entity("geonames:1", "city", "New York City", ("New York", "纽约")),
            Entity("geonames:2", "city", "Zhongshan", ("Zhongshan", "中山")),
            Entity("geonames:3", "city", "Another China", ("China", "X")),
            Entity("iso3166:GW", "country", "Guinea-Bissau", ("Guinea-Bissau",)),
        ]
    )


@pytest.mark.parametrize(
    ("terms", "ids"),
    [
        (["word:china"], ["iso3166:CN"]),
        (["phrase:bank of china"], ["domain:boc.cn"]),
        (["phrase:visit new york", "tag:newyork"], ["geonames:1"]),
        (["phrase:guinea bissau"], ["iso3166:GW"]),
        (["word:中国银行"], ["domain:boc.cn"]),
        (["phrase:中国银行行长"], ["domain:boc.cn"]),
        (["tag:中国加油", "tag:暴雨纽约"], ["iso3166:CN", "geonames:1"]),
        (["word:孙中山"], []),
        (["tag:在中国人"], []),
        (["word:chinatown", "word:x", "phrase:new yorker"], []),
        (["url:https://china", "post:china", "domain:china", "copy:china"], []),
        ([], []),
    ],
)
def test_terms_name_whom_they_should(known: Gazetteer, terms: list[str], ids: list[str]) -> None:
    assert [entity.id for entity in known.named_by(terms)] == ids


def test_a_hotspot_names_a_few_entities_at_most() -> None:
    many = Gazetteer(Entity(f"x:{n}", "thing", f"name{n}", (f"name{n}",)) for n in range(50))
    assert len(many.named_by([f"word:name{n}" for n in range(50)])) == MOST
    assert len(many.named_by(["phrase:" + " ".join(f"name{n}" for n in range(50))])) == MOST
    assert NOTHING.named_by(["word:china"]) == ()
