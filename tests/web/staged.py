"""A page with many hotspots that change: made up here, seeded, served by the real server over a real socket."""

import asyncio
import random
import socket
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from agents.web.board import Board
from agents.web.evidence import EvidenceReader, Shown
from agents.web.explaining import Explain
from agents.web.guarding import Rate, guard
from agents.web.people import People
from agents.web.readiness import CHECKS, Readiness
from agents.web.server import listen, make_web, start_web
from agents.web.suggesting import Suggestions
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert, Brief, Hotspot, Sentence, Source, Why
from streams.contracts.times import format_time

BEGIN_MS = 1_772_323_200_000  # 2026-03-01
MINUTE_MS = 60_000
STAGES = ("emerging", "rising", "peaking", "fading", "closed")
SUBJECTS = (
    ("en", "Strong earthquake shakes the harbour of {place}, houses damaged", ("earthquake", "harbour")),
    ("en", "Bridge in {place} closed after a crack was found, traffic diverted", ("bridge", "closed", "#bridge")),
    ("en", "The match in {place} ends 4:3 after extra time, nobody sat down", ("extra time", "#cupfinal")),
    ("en", "{place} without power since noon, the whole east side is dark", ("power cut", "blackout")),
    ("zh", "{place}地铁突发故障，站台挤满了人，官方正在通报", ("地铁故障", "站台", "#地铁故障#")),
    ("zh", "{place}暴雨，多个路段积水，请大家注意安全", ("暴雨", "积水", "路段积水")),
    ("zh", "新剧今晚开播，大家都在讨论最后的反转", ("新剧", "反转", "开播")),
)
PLACES = {"en": ("Norvale", "Eastport", "Lake Arden", "Hillside"), "zh": ("云海", "东湖", "北门", "青川")}


def made(number: int, minute: int = 0, seed: int = 1, **fields: object) -> Hotspot:
    """Return hotspot `number` as it stands at `minute`."""
    chance = random.Random(seed * 1000 + number)
    lang, _, terms = SUBJECTS[number % len(SUBJECTS)]
    place = chance.choice(PLACES[lang])
    size, peak = chance.uniform(2, 30), chance.uniform(5, 70)
    course = [size * max(0.0, 1 - abs(at + minute - peak) / 25) ** 1.5 for at in range(60)]
    series = tuple(int(value + chance.random()) for value in course)
    moment = BEGIN_MS + (60 + minute) * MINUTE_MS
    mood = [chance.random() for _ in range(3)]
    copied = number % 6 == 5
    known: dict[str, object] = {
        "hotspot_id": f"{number + 1:016x}",
        "stage": STAGES[(number + minute // 4) % 5] if number % 3 else "rising",
        "emitted_at": format_time(moment + MINUTE_MS),
        "started_at": format_time(BEGIN_MS + chance.randrange(50) * MINUTE_MS),
        "updated_at": format_time(moment),
        "terms": tuple(f"{'tag' if term.startswith('#') else 'phrase'}:{term.strip('#')}" for term in (*terms, place)),
        "why": Why(
            term=terms[0],
            observed=max(sum(series) * 4 // 5, 5),
            expected=chance.choice((0.003, 0.4, 3.0, 12.0)),
            scale_min=chance.choice((5, 15, 60)),
            p_value=10.0 ** -chance.randrange(6, 80),
            distinct_authors=max(sum(series), 5),
            languages={lang: 0.9, "other": 0.1},
            places={place: 0.6, "other": 0.4},
            platforms={"weibo": 0.8, "forum": 0.2} if lang == "zh" else {"x": 0.7, "mastodon": 0.3},
            top_terms=(*terms, place),
            series=series,
            sentiment=None if number % 11 == 10 else dict(zip(("negative", "neutral", "positive"), mood, strict=True)),
        ),
        "peak_authors": max(sum(series), 5) + 4,
        "rank": round(chance.uniform(0.5, 7) + minute % 5 * chance.uniform(-0.3, 0.3), 4),
        "warming": 1.0,
        "credibility": 0.41 if copied else round(chance.uniform(0.6, 1), 3),
        "credibility_reasons": ("91% of the posts are near-duplicates",)
        if copied
        else ("32 accounts, 3% near-duplicates",),
        "evidence": tuple(f"p{number}-{place}" for place in range(8)),
    }
    return Hotspot(**{**known, **fields})  # type: ignore[arg-type]


def told(hotspot: Hotspot) -> Alert:
    """Return the alert of a hotspot as it stands."""
    return Alert(
        alert_id=f"a{hotspot.hotspot_id}{hotspot.emitted_at}",
        hotspot_id=hotspot.hotspot_id,
        stage=hotspot.stage,
        emitted_at=hotspot.emitted_at,
        started_at=hotspot.started_at,
        terms=hotspot.terms,
        why=hotspot.why,
        rank=hotspot.rank,
        credibility=hotspot.credibility,
        credibility_reasons=hotspot.credibility_reasons,
        evidence=hotspot.evidence,
        sources=tuple(Source(name, 0, place, 0) for place, name in enumerate(hotspot.evidence)),
    )


def written(hotspot: Hotspot, number: int, **fields: object) -> Brief:
    """Return a brief of a hotspot."""
    lang, text, _ = SUBJECTS[number % len(SUBJECTS)]
    place = random.Random(1000 + number).choice(PLACES[lang])
    said = text.format(place=place)
    known: dict[str, object] = {
        "brief_id": f"b{hotspot.hotspot_id}",
        "hotspot_id": hotspot.hotspot_id,
        "stage": hotspot.stage,
        "emitted_at": hotspot.emitted_at,
        "lang": lang,
        "headline": said,
        "sentences": (
            Sentence(said, hotspot.evidence[:5]),
            Sentence("Does anyone know more? " + said[:30], hotspot.evidence[:1]),
        ),
        "figures": (),
    }
    return Brief(**{**known, **fields})  # type: ignore[arg-type]


def filled(board: Board, hotspots: int, *, told_every: int = 2) -> None:
    """Put hotspots on a board, every second one alerted and with a brief."""
    for number in range(hotspots):
        for minute in (0, 5, 10):
            board.hotspot(made(number, minute))
        if number % told_every == 0:
            hotspot = made(number, 10)
            board.alert(told(hotspot))
            board.brief(written(hotspot, number))


class StagedEvidence(EvidenceReader):
    """Evidence without a log behind it."""

    def __init__(self, answer: Callable[[Sequence[Source]], Shown]) -> None:
        self._answer = answer

    async def read(self, key: str, sources: Sequence[Source]) -> Shown:
        """Return what the test staged."""
        return self._answer(sources)


class KeptFeedback:
    """Verdicts, kept in a list instead of the log; `away` is a log that does not answer."""

    def __init__(self) -> None:
        self.said: list[Feedback] = []
        self.away = False

    async def write(self, feedback: Feedback) -> None:
        """Keep one."""
        if self.away:
            raise OSError
        self.said.append(feedback)


class Stage:
    """A server in a thread of its own, on one port for as long as it lives, whether it runs or not."""

    def __init__(
        self,
        board: Board,
        evidence: EvidenceReader | None = None,
        token: str | None = None,
        explain: Explain | None = None,
        *,
        people: People | None = None,
        suggestions: Suggestions | None = None,
    ) -> None:
        self.board = board
        self.people = people or People()
        self.suggestions = suggestions
        self._explain = explain
        self.readiness = Readiness()
        for check in CHECKS:
            self.readiness.set(check, True, "fine")
        self._evidence = evidence
        self._token = token
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self.feedback = KeptFeedback()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://127.0.0.1:{self.port}"

    def up(self, board: Board | None = None) -> None:
        """Serve, a new board if one is given, on the same port as before."""
        self.board = board or self.board
        self._do(self._up())

    async def _up(self) -> None:
        listening: socket.socket = listen("127.0.0.1", self.port)
        self.port = listening.getsockname()[1]
        app = make_web(
            self.board,
            self.readiness,
            self._evidence,
            self.feedback,
            self._explain,
            people=self.people,
            suggestions=self.suggestions,
        )
        app.middlewares.append(guard(self._token, Rate(0)))
        self._runner = await start_web(app, listening)

    def down(self) -> None:
        """Stop serving, as a worker that ends."""
        if self._runner is not None:
            self._do(self._runner.cleanup())
            self._runner = None

    def call(self, change: Callable[[Board], None]) -> None:
        """Change the board where it lives."""

        async def change_it() -> None:
            change(self.board)

        self._do(change_it())

    def _do(self, work: "asyncio.Future[None] | object") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
