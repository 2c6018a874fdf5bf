"""How well questions are answered: each question of a set judged, and shares with their confidence intervals."""

import csv
import io
from collections.abc import Sequence
from math import sqrt

import msgspec

from streams.contracts.answers import Answer


class Case(msgspec.Struct, frozen=True):
    """A question whose answer is known.

    `world` names the documents that it is asked of; weights are fitted to the `split` "tuning" alone. One of
    `expected` must occur in the answer, and its first citation be of `source`; a question without `expected` cannot be
    answered from them.
    """

    world: str
    split: str
    lang: str
    question: str
    expected: tuple[str, ...]
    source: str

    @property
    def answerable(self) -> bool:
        """Whether the documents hold the answer."""
        return bool(self.expected)


class Judged(msgspec.Struct, frozen=True):
    """A case with its answer. `verdict`: right, wrong or declined."""

    case: Case
    answer: Answer
    verdict: str


class Figures(msgspec.Struct, frozen=True):
    """Counts of one group of cases."""

    answerable: int
    right: int
    wrong: int
    unanswerable: int
    declined: int


class BadCases(Exception):
    """A file of cases that cannot be used; the text says why."""


def cases_of(text: str) -> list[Case]:
    """Read cases from a table with the columns world, split, lang, question, expected (with |) and source.

    Raises:
        BadCases: a column is missing.
    """
    rows = csv.DictReader(io.StringIO(text))
    missing = {"world", "split", "lang", "question", "expected", "source"} - set(rows.fieldnames or ())
    if missing:
        raise BadCases(f"the questions have no column {', '.join(sorted(missing))}")
    return [
        Case(
            row["world"],
            row["split"],
            row["lang"],
            row["question"],
            tuple(part for part in (row["expected"] or "").split("|") if part),
            row["source"] or "",
        )
        for row in rows
    ]


def judge(case: Case, answer: Answer) -> Judged:
    """Judge an answer: right only with the right citation; what cannot be answered must be declined."""
    if answer.status != "answered":
        return Judged(case, answer, "declined")
    said = answer.text.casefold()
    right = any(expected.casefold() in said for expected in case.expected)
    cited = answer.citations[0].source if answer.citations else ""
    return Judged(case, answer, "right" if right and cited == case.source else "wrong")


def figures(judged: Sequence[Judged]) -> Figures:
    """Count verdicts."""
    known = [found for found in judged if found.case.answerable]
    unknown = [found for found in judged if not found.case.answerable]
    return Figures(
        len(known),
        sum(found.verdict == "right" for found in known),
        sum(found.verdict == "wrong" for found in known),
        len(unknown),
        sum(found.verdict == "declined" for found in unknown),
    )


def interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927)."""
    if not total:
        return 0.0, 1.0
    z = 1.96
    share = count / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return middle - half, middle + half
