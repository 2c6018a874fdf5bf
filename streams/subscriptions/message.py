"""What a subscriber is told: the same content as JSON for programs and as plain text for people."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from streams.briefs.masking import masked
from streams.contracts.outputs import Alert, Brief
from streams.contracts.watchlists import WatchAlert

SENTENCES: Final = 3
TITLE_CHARS: Final = 160
TEXT_CHARS: Final = 3500
"""What the smallest of the usual chats takes."""


class Told(msgspec.Struct, frozen=True):
    """An alert and, if it was written by then, its brief."""

    alert: Alert
    brief: Brief | None = None


class Message(msgspec.Struct, frozen=True):
    """One message; `kind` is "alert", "mood" for a turn of one, "digest" for several, "test" for none that is real."""

    id: str
    kind: str
    told: tuple[Told, ...] = ()
    moods: tuple[WatchAlert, ...] = ()


def message_of(message_id: str, told: Sequence[Told | WatchAlert]) -> Message:
    """Return the message that tells of `told`."""
    alerts = tuple(one for one in told if isinstance(one, Told))
    moods = tuple(one for one in told if isinstance(one, WatchAlert))
    return Message(message_id, "digest" if len(told) > 1 else "mood" if moods else "alert", alerts, moods)


def body_of(message: Message, timestamp: str) -> bytes:
    """Return the JSON of a message, in the form that Standard Webhooks recommends: type, timestamp, data."""
    data: dict[str, Any]
    if message.kind == "digest":
        data = {"alerts": message.told, "moods": message.moods}
    elif message.moods:
        data = {"mood": message.moods[0]}
    elif message.told:
        data = {"alert": message.told[0].alert, "brief": message.told[0].brief}
    else:
        data = {"text": "Redian can reach you."}
    return msgspec.json.encode({"type": f"redian.{message.kind}", "timestamp": timestamp, "data": data})


def title_of(message: Message) -> str:
    """Return one line for a chat or the subject of a mail."""
    if message.kind == "test":
        return "Redian: a test"
    first = headline_of(message.told[0]) if message.told else turn_of(message.moods[0])
    if message.kind == "alert":
        first = f"{message.told[0].alert.stage}: {first}"
    elif message.kind == "digest":
        numbers = ((len(message.told), "hotspot"), (len(message.moods), "mood"))
        counted = " and ".join(f"{number} {what}{'s' * (number > 1)}" for number, what in numbers if number)
        first = f"{counted}: {first}"
    return first[:TITLE_CHARS]


def headline_of(told: Told) -> str:
    """Return the headline of the brief, or the terms."""
    return _calm(told.brief.headline if told.brief is not None else " · ".join(told.alert.why.top_terms[:5]))


def turn_of(turned: WatchAlert) -> str:
    """Return one line that says which mood turned, and where to."""
    return f"{_calm(turned.name)}: the mood turns {turned.direction}"


def text_of(message: Message) -> str:
    """Return a message as plain text: what, how many against how many are usual, and what posts say."""
    if message.kind == "test":
        return "Redian can reach you. Nothing happened: this is a test."
    parts = [*map(_paragraph, message.told), *map(_turn, message.moods)]
    text = "\n\n".join(parts)
    return text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"


def _paragraph(told: Told) -> str:
    alert, why = told.alert, told.alert.why
    usual = "fewer than 1" if why.expected < 1 else f"{why.expected:.0f}"
    lines = [
        headline_of(told),
        f"{alert.stage}, {why.observed} people within {why.scale_min} min, where {usual} are usual; "
        f"credibility {alert.credibility:.0%} ({'; '.join(alert.credibility_reasons)})",
    ]
    if told.brief is not None:
        sentences = [s.text for s in told.brief.sentences if s.text != told.brief.headline]
        lines += [f"› {_calm(text)}" for text in sentences[:SENTENCES]]
    if alert.simulated:
        lines.append("Simulated posts: nobody wrote these.")
    lines.append(f"{alert.emitted_at[:16].replace('T', ' ')} UTC, hotspot {alert.hotspot_id}")
    return "\n".join(lines)


def _turn(turned: WatchAlert) -> str:
    lines = [
        turn_of(turned),
        f"{turned.mood:+.2f} where {turned.mood_before:+.2f} is usual, between -1 and 1; {turned.authors} people",
        *(
            f"› {_calm(reason.phrase)}, in {reason.share:.0%} of the posts that say so"
            for reason in turned.reasons[:SENTENCES]
        ),
        f"{turned.emitted_at[:16].replace('T', ' ')} UTC, watchlist {_calm(turned.name)}",
    ]
    return "\n".join(lines)


def _calm(text: str) -> str:
    """Return a post's words so that no chat takes them for a command: mentions call nobody, brackets open nothing."""
    return masked(text).replace("@", "@\u200b").replace("<", "‹").replace(">", "›").replace("](", "] (")
