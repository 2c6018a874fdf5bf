"""Gazetteers in files: the bundled one, and an operator's own as CSV or SKOS (RDF/XML)."""

import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

from agents.adapters.xml_entities import Declared, refuse_entities
from agents.errors import RedianError
from streams.linking import Entity, Gazetteer

BUNDLED: Final = Path(__file__).with_name("gazetteer.csv")
FILE_BYTES: Final = 64 * 1024 * 1024
ENTITIES: Final = 200_000
NAMES: Final = 64
"""Names of one entity."""

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_SKOS: Final = "{http://www.w3.org/2004/02/skos/core#}"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@cache
def load_gazetteer(own: Path | None) -> Gazetteer:
    """Return the bundled entities and an operator's own, which have first claim to a name.

    Raises:
        RedianError: the file cannot be used; the text says why, and where.
    """
    mine = [] if own is None else list(entities_in(own))
    return Gazetteer([*mine, *entities_in(BUNDLED)])


def entities_in(path: Path) -> Iterator[Entity]:
    """Yield the entities of a file: SKOS if it is XML, else CSV with columns id, name, and names, kind if you like.

    Raises:
        RedianError: the file cannot be used.
    """
    try:
        if path.stat().st_size > FILE_BYTES:
            raise RedianError(f"the gazetteer {path} is larger than {FILE_BYTES // 1024 // 1024} MiB")
        document = path.read_bytes()
        found = _skos(document) if document.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else _rows(document)
        for number, entity in enumerate(found):
            if number >= ENTITIES:
                raise RedianError(f"the gazetteer {path} has more than {ENTITIES:,} entities")
            yield entity
    except OSError as error:
        raise RedianError(f"the gazetteer cannot be read: {error}") from None
    except Declared:
        raise RedianError(f"the gazetteer {path} declares XML entities, which are refused") from None
    except (ValueError, csv.Error, ParseError) as error:
        raise RedianError(f"the gazetteer {path} cannot be used: {error}") from None


def _rows(document: bytes) -> Iterator[Entity]:
    rows = csv.DictReader(io.StringIO(document.decode("utf-8-sig"), newline=""))
    if not {"id", "name"} <= set(rows.fieldnames or ()):
        raise ValueError("its first line must name the columns id and name")
    for row in rows:
        found, name = (row["id"] or "").strip(), (row["name"] or "").strip()
        if not found or not name:
            raise ValueError(f"line {rows.line_num} has no id or no name")
        others = tuple(other for other in (row.get("names") or name).split("|") if other.strip())
        yield Entity(found, (row.get("kind") or "").strip(), name, others[:NAMES])


def _skos(document: bytes) -> Iterator[Entity]:
    """Yield the concepts of SKOS in RDF/XML; a document that declares entities is refused before it is read."""
    refuse_entities(document)
    parser = XMLParser()  # noqa: S314 - what it is vulnerable to was refused
    parser.feed(document)
    root: Element = parser.close()
    concepts = [
        node
        for node in root
        if node.tag == f"{_SKOS}Concept"
        or any(kind.get(f"{_RDF}resource") == f"{_SKOS[1:-1]}Concept" for kind in node.findall(f"{_RDF}type"))
    ]
    if not concepts:
        raise ValueError("it holds no skos:Concept (SKOS is read as RDF/XML)")
    for concept in concepts:
        found = concept.get(f"{_RDF}about")
        labels = [(node.get(_LANG, ""), (node.text or "").strip()) for node in concept.findall(f"{_SKOS}prefLabel")]
        others = [(node.text or "").strip() for node in concept.findall(f"{_SKOS}altLabel")]
        if not found or not any(text for _, text in labels):
            raise ValueError("a skos:Concept has no rdf:about or no skos:prefLabel")
        shown = next((text for lang, text in labels if lang.startswith("en") and text), labels[0][1])
        names = tuple(dict.fromkeys(text for text in (*(text for _, text in labels), *others) if text))
        yield Entity(found, "concept", shown, names[:NAMES])
