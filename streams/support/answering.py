"""From a question to an answer: quoted with its source, or "I don't know" and a hand-over. Never anything made up.

The threshold decides, or a language model where one judges; else nothing is quoted as an answer, and what stands
nearest goes to the person who takes over.
"""

from typing import Final

import msgspec

from streams.contracts.answers import Answer, Citation, HandOver, Question
from streams.support.calibration import WEIGHTS
from streams.support.finding import Found, Signs, find
from streams.support.judging import verdict_of
from streams.support.library import Library
from streams.support.live import LiveHotspots, hotspot_of
from streams.support.meaning import Meaning
from streams.support.passages import Passage, joined, language_of, sentences_in
from streams.support.wording import (
    FOREIGN,
    LIST_JOIN,
    NOTHING_LIVE,
    PERSON,
    REFUSED,
    SAID_BY,
    TRENDING,
    UNKNOWN,
    asks_for_overview,
    asks_for_person,
)
from streams.support.words import question_tokens, tokens_of, words_of

MAX_QUESTION_CHARS: Final = 2_000
_NEAREST: Final = 3
_QUOTED_CHARS: Final = 320
"""A passage up to this length is quoted whole; of a longer one the sentences about the question."""
_QUOTED_SENTENCES: Final = 2
_HOTTEST: Final = 5


class Near(msgspec.Struct, frozen=True):
    """A passage that may answer, and how sure its signs are that it does."""

    passage: Passage
    sureness: float


class Shortlist(msgspec.Struct, frozen=True):
    """A question that can be answered from passages, nearest first, and as yet by nobody."""

    question: Question
    text: str
    lang: str
    nearest: tuple[Near, ...]

    @property
    def passages(self) -> list[Passage]:
        """The passages alone."""
        return [near.passage for near in self.nearest]


class Answerer:
    """Answers from a library.

    Args:
        library: what may be quoted.
        live: which hotspots are live.
        meaning: embeds questions; None with the encoder off, and then every question goes to a person.
    """

    def __init__(self, library: Library, live: LiveHotspots, meaning: Meaning | None) -> None:
        self._library = library
        self._live = live
        self._meaning = meaning

    def answer(self, question: Question) -> Answer:
        """Answer a question by the signs of passages. Never raises, whatever its text."""
        considered = self.consider(question)
        return by_signs(considered) if isinstance(considered, Shortlist) else considered

    def consider(self, question: Question) -> Answer | Shortlist:
        """Return the answer where no passage need be chosen, else the passages to choose from. Never raises."""
        text = " ".join(question.text.split())
        lang = _language(question, text)
        if not text:
            return refused(question.id, "empty", lang, question.conversation)
        if len(text) > MAX_QUESTION_CHARS:
            return refused(question.id, "too_long", lang, question.conversation, len(text))
        if asks_for_overview(text):
            return self._overview(question, lang)
        found = self._find(text, lang)
        nearest = tuple(Near(self._library.passage(one.number), one.sureness) for one in found)
        shortlist = Shortlist(question, text, lang, nearest)
        if asks_for_person(text):
            return _handed_over(shortlist, "asked_for_person")
        if self._meaning is None:
            return _handed_over(shortlist, "no_encoder")
        return shortlist if nearest else _handed_over(shortlist, "not_found")

    def best(self, text: str, lang: str) -> Signs | None:
        """Return the signs of the best passage for a question, for fitting the weights; None without any."""
        found = self._find(" ".join(text.split()), lang)
        return found[0].signs if found else None

    def _find(self, text: str, lang: str) -> list[Found]:
        if self._meaning is not None:
            return find(text, lang, self._library, self._meaning, WEIGHTS)
        tokens = question_tokens(text, words_of(text, lang))
        return [Found(number, None, 0.0, 0.0) for number in self._library.lexical.search(tokens, _NEAREST)]

    def _overview(self, question: Question, lang: str) -> Answer:
        hottest = self._live.hottest(_HOTTEST)
        listed = LIST_JOIN[lang].join(f"{n}. {passage.title}" for n, passage in enumerate(hottest, 1))
        return Answer(
            question_id=question.id,
            status="answered",
            text=TRENDING[lang].format(listed=listed) if hottest else NOTHING_LIVE[lang],
            lang=lang,
            sureness=1.0,
            citations=tuple(_citation(passage, passage.title, 1.0) for passage in hottest),
            conversation=question.conversation,
        )


def by_signs(shortlist: Shortlist) -> Answer:
    """Return the answer by the threshold: the nearest passage where its signs are sure enough."""
    best = shortlist.nearest[0]
    if best.sureness < WEIGHTS.threshold:
        return _handed_over(shortlist, "not_found")
    return _answered(shortlist, best, shortlist.text)


def by_judge(shortlist: Shortlist, reply: str, judge: str) -> Answer:
    """Return the answer by what a language model replied to `judging.question_to`; `judge` is its name."""
    verdict = verdict_of(reply, shortlist.passages)
    if verdict is None:
        answer = _handed_over(shortlist, "not_found")
    else:
        answer = _answered(shortlist, shortlist.nearest[verdict.number], verdict.words)
    return msgspec.structs.replace(answer, judge=judge)


def refused(question_id: str, reason: str, lang: str, conversation: str | None = None, size: int = 0) -> Answer:
    """Return the answer to what is no question that can be read."""
    text = REFUSED[reason][lang].format(size=size, limit=MAX_QUESTION_CHARS)
    return Answer(
        question_id=question_id,
        status="refused",
        text=text,
        lang=lang,
        sureness=0.0,
        reason=reason,
        conversation=conversation,
    )


def _answered(shortlist: Shortlist, best: Near, about: str) -> Answer:
    """Return the answer that quotes a passage, of a long one the sentences nearest to `about`."""
    quote = quoted(best.passage, about, shortlist.lang)
    return Answer(
        question_id=shortlist.question.id,
        status="answered",
        text=_before(best.passage, shortlist.lang) + quote,
        lang=shortlist.lang,
        sureness=round(best.sureness, 3),
        citations=(_citation(best.passage, quote, best.sureness),),
        conversation=shortlist.question.conversation,
    )


def _handed_over(shortlist: Shortlist, reason: str) -> Answer:
    question, lang = shortlist.question, shortlist.lang
    nearest = tuple(_citation(near.passage, near.passage.text, near.sureness) for near in shortlist.nearest[:_NEAREST])
    said = PERSON if reason == "asked_for_person" else UNKNOWN
    return Answer(
        question_id=question.id,
        status="unknown",
        text=said[lang],
        lang=lang,
        sureness=round(shortlist.nearest[0].sureness, 3) if shortlist.nearest else 0.0,
        reason=reason,
        hand_over=HandOver(reason=reason, question=question.text, lang=lang, nearest=nearest),
        conversation=question.conversation,
    )


def quoted(passage: Passage, question: str, lang: str) -> str:
    """Return the words of a passage that are quoted: all of a short one, else its sentences nearest to the question."""
    sentences = sentences_in(passage.text)
    if len(passage.text) <= _QUOTED_CHARS:
        return joined(sentences)
    asked = set(question_tokens(question, words_of(question, lang)))
    shared = [len(asked.intersection(tokens_of(sentence, passage.lang))) for sentence in sentences]
    best = sorted(range(len(sentences)), key=lambda i: (-shared[i], i))[:_QUOTED_SENTENCES]
    return joined([sentences[i] for i in sorted(best)])


def _language(question: Question, text: str) -> str:
    given = (question.lang or "").lower()[:2]
    return given if given in ("en", "zh") else language_of(text)


def _before(passage: Passage, lang: str) -> str:
    if passage.lang != lang:
        return FOREIGN[lang]
    return SAID_BY[lang] if passage.posts else ""


def _citation(passage: Passage, quote: str, sureness: float) -> Citation:
    return Citation(
        id=passage.id,
        kind=passage.kind,
        source=passage.source,
        title=passage.title,
        quote=quote,
        sureness=round(sureness, 3),
        posts=passage.posts,
        hotspot_id=hotspot_of(passage.source),
    )
