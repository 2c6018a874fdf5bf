"""Refuses XML that declares entities, before anything reads it: only attacks on readers need them."""

from xml.parsers import expat


class Declared(Exception):
    """A document declares an entity."""


def refuse_entities(document: bytes) -> None:
    """Return if a document declares no entity; whether it is well-formed is left to others.

    Raises:
        Declared: it declares one, internal or external.
    """
    parser = expat.ParserCreate()

    def declared(*_: object) -> None:
        raise Declared

    parser.EntityDeclHandler = declared
    parser.ExternalEntityRefHandler = lambda *_: False
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        # Broken XML is read leniently, without entities; but it must not hide a declaration before its fault.
        if b"<!ENTITY" in document.upper():
            raise Declared from None
