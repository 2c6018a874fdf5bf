"""How good alerts are, judged against what is known to have happened in a stream.

A hotspot is judged once, by its first alert: by the label that at least 60 % of its evidence posts carry, of which
there must be five. An event of `must_find` is found by its first hotspot; further hotspots on it are repeats. A hotspot
on an event that is labelled but need not be found is neither ("other"). Everything else is false: background, what must
be ignored, and a mixture in which nothing has the majority.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from scipy.special import gammaincinv

from streams.contracts.outputs import Size
from streams.contracts.times import to_ms

MAJORITY = 0.6
LEAST_EVIDENCE = 5
DAY_MS = 86_400_000
BACKGROUND = "background"
MIXED = "mixed"


class Event(msgspec.Struct, frozen=True):
    """Something that happened in a stream; times as RFC 3339, `peak_hour` and `text` where the truth has them."""

    event: str
    start: datetime
    posts: int = 0
    peak_hour: datetime | None = None
    text: str = ""


class Named(msgspec.Struct, frozen=True):
    """Something of which the name alone matters here."""

    event: str


class Truth(msgspec.Struct, frozen=True):
    """What happened in a stream: `label` maps a post's id to an event; without one it is background."""

    must_find: list[Event]
    must_ignore: list[Named]
    label: dict[str, str]


class Told(msgspec.Struct, frozen=True):
    """The fields of an alert that are judged; others are ignored."""

    hotspot_id: str
    emitted_at: datetime
    terms: tuple[str, ...]
    evidence: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True):
    """A hotspot with its verdict (found, repeat, other or false), of which event, and how long after its start."""

    hotspot_id: str
    verdict: str
    event: str
    emitted_ms: int
    delay_ms: int | None
    terms: tuple[str, ...]


class Evaluation(msgspec.Struct, frozen=True):
    """Every hotspot judged, in order of time, over `days` of event time."""

    judged: tuple[Judged, ...]
    missed: tuple[str, ...]
    days: float
    before_peak: int | None

    def count(self, verdict: str) -> int:
        """Return how many hotspots got a verdict."""
        return sum(judged.verdict == verdict for judged in self.judged)

    @property
    def events(self) -> int:
        """How many events were to be found."""
        return self.count("found") + len(self.missed)

    @property
    def false_a_day(self) -> float:
        """False hotspots for each day of event time."""
        return self.count("false") / self.days

    @property
    def median_delay_ms(self) -> float | None:
        """Median over the found of first alert minus start of the event, None if none was found."""
        delays = [judged.delay_ms for judged in self.judged if judged.verdict == "found"]
        return statistics.median(delay for delay in delays if delay is not None) if delays else None


def label_of(evidence: Sequence[str], label: Mapping[str, str]) -> str:
    """Return the label that the majority of evidence posts carry, `background`, or `mixed` where there is none."""
    if len(evidence) < LEAST_EVIDENCE:
        return MIXED
    name, number = Counter(label.get(post, BACKGROUND) for post in evidence).most_common(1)[0]
    return name if number >= MAJORITY * len(evidence) else MIXED


def evaluate(alerts: Iterable[Told], truth: Truth, days: float) -> Evaluation:
    """Judge the alerts of a stream that lasted `days` (above 0).

    Args:
        alerts: of any number of hotspots; only the first of each is judged.
        truth: what happened.
        days: of event time.
    """
    first: dict[str, Told] = {}
    for alert in sorted(alerts, key=lambda alert: (alert.emitted_at, alert.hotspot_id)):
        first.setdefault(alert.hotspot_id, alert)
    events = {event.event: event for event in truth.must_find}
    wrong = {BACKGROUND, MIXED, *(ignored.event for ignored in truth.must_ignore)}
    found: set[str] = set()
    judged = []
    early = 0
    for alert in first.values():
        name = label_of(alert.evidence, truth.label)
        event = events.get(name)
        verdict = "repeat" if name in found else "found" if name in events else "false" if name in wrong else "other"
        emitted_ms = to_ms(alert.emitted_at)
        if verdict == "found" and event is not None:
            found.add(name)
            early += event.peak_hour is not None and emitted_ms < to_ms(event.peak_hour)
        delay = None if event is None else emitted_ms - to_ms(event.start)
        judged.append(Judged(alert.hotspot_id, verdict, name, emitted_ms, delay, alert.terms))
    missed = tuple(event.event for event in truth.must_find if event.event not in found)
    has_peaks = any(event.peak_hour is not None for event in truth.must_find)
    return Evaluation(tuple(judged), missed, days, early if has_peaks else None)


class State(msgspec.Struct, frozen=True):
    """The fields of a hotspot's state that tell of its size; others are ignored."""

    hotspot_id: str
    updated_at: datetime
    peak_authors: int
    alerts: int = 0
    size: Size | None = None


class Sized(msgspec.Struct, frozen=True):
    """How good guesses of size were at the first alerts of `guessed` hotspots.

    `held`: share of sizes within the interval, which promises four in five. `error`: median factor between guess and
    size; `unchanged`: the same, had each been guessed to stay as it was.
    """

    guessed: int
    held: float
    error: float
    unchanged: float


def sized(states: Iterable[State]) -> Sized | None:
    """Judge the guesses of a stream by what became of its hotspots, None where nothing was guessed.

    Args:
        states: all that were published, in order of time.
    """
    begun: dict[str, State] = {}
    guess: dict[str, State] = {}
    became: dict[str, int] = {}
    for state in states:
        begin = begun.setdefault(state.hotspot_id, state)
        if state.alerts and state.size is not None:
            guess.setdefault(state.hotspot_id, state)
        within_ms = 60_000 * (begin.size.within_min if begin.size is not None else 0)
        if to_ms(state.updated_at) - to_ms(begin.updated_at) < within_ms:
            became[state.hotspot_id] = max(became.get(state.hotspot_id, 0), state.peak_authors)
    told = [(state.size, state.peak_authors, became[name]) for name, state in guess.items() if state.size is not None]
    if not told:
        return None
    return Sized(
        guessed=len(told),
        held=sum(size.low <= most <= size.high for size, _, most in told) / len(told),
        error=statistics.median(_factor(size.likely, most) for size, _, most in told),
        unchanged=statistics.median(_factor(now, most) for _, now, most in told),
    )


def _factor(one: int, other: int) -> float:
    return max(one, other) / max(min(one, other), 1)


class Nothing(msgspec.Struct, frozen=True):
    """What was told in `days` in which nothing happened: alerts, all false, and the 95 % interval of their rate."""

    alerts: int
    first_hour: int
    first_day: int
    days: float
    low: float
    high: float

    @property
    def a_day(self) -> float:
        """False alerts a day."""
        return self.alerts / self.days


def nothing_told(alerts: Iterable[Told], begin_ms: int, days: float) -> Nothing:
    """Count the alerts of a stream without events, further ones of a hotspot too: each disturbs somebody.

    Args:
        alerts: in any order.
        begin_ms: when the stream begins.
        days: above 0.
    """
    after = [to_ms(alert.emitted_at) - begin_ms for alert in alerts]
    told = len(after)
    low, high = poisson_interval(told)
    return Nothing(
        alerts=told,
        first_hour=sum(passed < DAY_MS / 24 for passed in after),
        first_day=sum(passed < DAY_MS for passed in after),
        days=days,
        low=low / days,
        high=high / days,
    )


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of the mean of a Poisson count (Garwood 1936)."""
    return float(gammaincinv(count, 0.025)) if count else 0.0, float(gammaincinv(count + 1, 0.975))
