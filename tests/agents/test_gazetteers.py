"""Gazetteers in files: the bundled one is sound, an operator's own comes first, and a bad one is one clear line."""

from pathlib import Path

import pytest

from agents.adapters.gazetteers import BUNDLED, entities_in, load_gazetteer
from agents.errors import RedianError

SKOS = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="https://example.org/amuay">
    <skos:prefLabel xml:lang="es">Refinería de Amuay</skos:prefLabel>
    <skos:prefLabel xml:lang="en">Amuay refinery</skos:prefLabel>
    <skos:altLabel>Amuay</skos:altLabel>
  </skos:Concept>
  <rdf:Description rdf:about="https://example.org/flood">
    <rdf:type rdf:resource="http://www.w3.org/2004/02/skos/core#Concept"/>
    <skos:prefLabel xml:lang="zh">洪水</skos:prefLabel>
  </rdf:Description>
</rdf:RDF>
"""


def _names(own: Path | None, *terms: str) -> list[str]:
    return [known.id for known in load_gazetteer(own).named_by(terms)]


def test_the_bundled_ones_are_many_and_each_is_named_by_a_name_of_its_own() -> None:
    entities = list(entities_in(BUNDLED))
    assert len(entities) > 700
    assert len({entity.id for entity in entities}) == len(entities)
    assert {entity.kind for entity in entities} == {"country", "city", "organisation"}


@pytest.mark.parametrize(
    ("term", "named"),
    [
        ("word:北京", "geonames:1816670"),
        ("phrase:new york", "geonames:5128581"),
        ("word:纽约", "geonames:5128581"),
        ("word:japan", "iso3166:JP"),
        ("word:字节跳动", "domain:bytedance.com"),
        ("phrase:世界卫生组织", "domain:who.int"),
        ("tag:北京暴雨", "geonames:1816670"),
    ],
)
def test_well_known_names_are_known(term: str, named: str) -> None:
    assert _names(None, term) == [named]


@pytest.mark.parametrize("term", ["word:turkey", "word:jordan", "word:nice", "word:apple", "word:reading", "word:meta"])
def test_words_that_mostly_say_something_else_name_nobody(term: str) -> None:
    assert _names(None, term) == []


def test_an_own_file_has_first_claim_to_a_name(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("id,name,names,kind\nours:1,Beijing office,北京|Beijing office,office\n", "utf-8-sig")
    assert _names(own, "word:北京", "word:上海") == ["ours:1", "geonames:1796236"]


def test_skos_is_read_with_all_its_labels(tmp_path: Path) -> None:
    own = tmp_path / "own.rdf"
    own.write_text(SKOS, "utf-8")
    entities = list(entities_in(own))
    assert [entity.name for entity in entities] == ["Amuay refinery", "洪水"]
    assert _names(own, "word:amuay", "phrase:refinería de amuay", "word:洪水") == [
        "https://example.org/amuay",
        "https://example.org/flood",
    ]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"name\nx\n", "columns id and name"),
        (b"id,name\n,x\n", "line 2"),
        (b"\xff\xfe\x00", "utf-8"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "declares XML entities"),
        (b"<x><y></x>", "mismatched tag"),
        (b"<x/>", "no skos:Concept"),
        (SKOS.replace("https://example.org/flood", "").encode(), "no rdf:about"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_line(tmp_path: Path, document: bytes, why: str) -> None:
    own = tmp_path / "own"
    own.write_bytes(document)
    with pytest.raises(RedianError, match=why) as told:
        load_gazetteer(own)
    assert "\n" not in str(told.value)
    with pytest.raises(RedianError, match="cannot be read"):
        load_gazetteer(tmp_path / "absent")
