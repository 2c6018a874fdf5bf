"""The newest alerts as an Atom feed (RFC 4287), chosen by a rule that stands in the address."""

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from streams.contracts.subscriptions import Rule
from streams.subscriptions.message import Told, message_of, text_of, title_of
from streams.subscriptions.rules import RuleError, check_rule, wants

ENTRIES: Final = 100
TYPE: Final = "application/atom+xml"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_LISTS: Final = {"stage": "stages", "lang": "languages", "platform": "platforms", "term": "terms"}


def rule_of(query: Mapping[str, Sequence[str]]) -> Rule:
    """Return the rule of an address's query; what is unknown in it is passed over.

    Raises:
        RuleError: a value cannot be meant.
    """
    given: dict[str, object] = {
        field: tuple(word[:120] for word in query[name] if word) for name, field in _LISTS.items() if name in query
    }
    for name in ("min_rank", "min_credibility"):
        if name in query:
            try:
                given[name] = float(query[name][-1])
            except ValueError:
                raise RuleError(f"{name} is a number, not {query[name][-1][:40]}") from None
    rule = Rule(**given, simulated=query.get("simulated", ("",))[-1] == "1")  # type: ignore[arg-type]
    check_rule(rule)
    return rule


def feed_of(told: Sequence[Told], rule: Rule, root: str) -> bytes:
    """Return the alerts that the rule wants as a feed, newest first.

    Args:
        told: alerts with their briefs.
        rule: chooses.
        root: address of the page, without a slash at its end.
    """
    chosen = sorted((one for one in told if wants(rule, one.alert)), key=lambda one: one.alert.emitted_at, reverse=True)
    feed = Element("feed", xmlns=_NAMESPACE)
    SubElement(feed, "id").text = "urn:redian:alerts"
    SubElement(feed, "title").text = "Redian: alerts"
    SubElement(feed, "updated").text = chosen[0].alert.emitted_at if chosen else "1970-01-01T00:00:00Z"
    SubElement(SubElement(feed, "author"), "name").text = "Redian"
    SubElement(feed, "link", rel="alternate", href=f"{root}/")
    for one in chosen[:ENTRIES]:
        entry = SubElement(feed, "entry")
        message = message_of("", [one])
        SubElement(entry, "id").text = f"urn:redian:alert:{one.alert.alert_id}"
        SubElement(entry, "title").text = _fit(title_of(message))
        SubElement(entry, "updated").text = one.alert.emitted_at
        SubElement(entry, "link", rel="alternate", href=f"{root}/hotspots/{one.alert.hotspot_id}")
        SubElement(entry, "content", type="text").text = _fit(text_of(message))
    body: bytes = tostring(feed, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _fit(text: str) -> str:
    """Return text without the two characters that XML cannot hold and `masked` leaves."""
    return text.replace("\ufffe", "").replace("\uffff", "")
