"""`redian ask`: a question answered by the workers, or here from a folder of documents; and how well that goes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from agents.settings import Settings
    from streams.contracts.answers import Answer, Question
    from streams.support.answering import Answerer
    from streams.support.evaluation import Case, Judged
    from streams.support.meaning import Meaning

WAIT_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("ask")(ask)


def ask(  # noqa: PLR0917 - the options of a command
    question: Annotated[str, typer.Argument(help="The question, in English or Chinese.")] = "",
    documents: Annotated[
        Path | None, typer.Option(help="Answer here, from this folder: Markdown, text, HTML, PDF, FAQ tables (CSV).")
    ] = None,
    briefs: Annotated[
        Path | None, typer.Option(help="With --documents: hotspots too, from a briefs.jsonl that backtest wrote.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(help="Print figures for a folder with questions.csv and a folder of documents a world."),
    ] = None,
    tune: Annotated[bool, typer.Option("--tune", help="With --check: fit weights to the tuning questions.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="With --check: show every question that went wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Ask about live hotspots and the operator's documents; every answer is quoted and cited.

    Without --documents the question goes to topic questions, and a worker answers it on topic answers. What cannot be
    answered surely enough is declined and handed over, with what stands nearest to it. With REDIAN_ANSWER_JUDGE the
    language model of the settings decides which passage answers, if any; --check shows what that changes.
    Examples: redian ask "what happened in Norvale?"
    redian ask "How long is the warranty?" --documents handbook
    redian ask --check tests/answers
    """
    from rich.console import Console

    from agents.settings import current_settings

    settings = current_settings()
    console = Console()
    if check is not None:
        _check(check, settings, console, tune=tune, listed=listed)
        return
    if not question.strip():
        raise RedianError('there is no question; for instance: redian ask "what is hot now?"')
    from streams.contracts.answers import Question

    if documents is None:
        answer = _asked_of_workers(settings, Question(id=_new_id(), text=question))
    else:
        answer = _answer_of(settings)(
            _answerer(documents, briefs, _meaning(settings)), Question(id="here", text=question)
        )
    _show(console, answer, as_json=as_json)


def _new_id() -> str:
    import uuid

    return f"ask-{uuid.uuid4().hex[:12]}"


def _meaning(settings: "Settings") -> "Meaning | None":
    from agents.startup import make_scorer
    from streams.support.meaning import meaning_with

    return meaning_with(make_scorer(settings))


def _answerer(documents: Path, briefs: Path | None, meaning: "Meaning | None") -> "Answerer":
    import msgspec

    from agents.adapters.document_folder import read_documents
    from agents.files import UnreadableFile, lines_of
    from streams.contracts.outputs import Brief
    from streams.support.answering import Answerer
    from streams.support.library import Library
    from streams.support.live import LiveHotspots, passages_of_brief, source_of

    library = Library(meaning)
    for read in read_documents(documents):
        if read.why:
            typer.echo(f"{read.source} is not used: {read.why}", err=True)
        library.put(read.source, read.passages)
    if briefs is not None:
        try:
            for line in lines_of(briefs):
                brief = msgspec.json.decode(line, type=Brief)
                library.put(source_of(brief.hotspot_id), passages_of_brief(brief))
        except msgspec.DecodeError as error:
            raise UnreadableFile(f"{briefs} holds no briefs: {error}") from None
    return Answerer(library, LiveHotspots(), meaning)


def _answer_of(settings: "Settings") -> "Callable[[Answerer, Question], Answer]":
    """Return what answers a question here: by signs, or by the judge of the settings."""
    from streams.support.answering import Answerer, Shortlist, by_judge, by_signs

    if not settings.answer_judge:
        return Answerer.answer
    from agents.adapters.generators.openai import GeneratorError
    from agents.paying import judge_of
    from streams.support.judging import question_to

    judge = judge_of(settings)
    assert judge is not None, "the settings want one"

    def answer(answerer: "Answerer", question: "Question") -> "Answer":
        considered = answerer.consider(question)
        if not isinstance(considered, Shortlist):
            return considered
        try:
            said = judge.generate(question_to(considered.text, considered.passages))
        except GeneratorError as error:
            typer.echo(f"{error}; the answer is by signs alone", err=True)
            return by_signs(considered)
        return by_judge(considered, said.text, judge.name)

    return answer


def _asked_of_workers(settings: "Settings", question: "Question") -> "Answer":
    from agents.cli.asking import asked
    from streams.contracts.answers import Answer
    from streams.contracts.topics import ANSWERS, QUESTIONS

    here = "answer here with --documents FOLDER"
    return asked(settings, QUESTIONS, ANSWERS, question.id, question, kind=Answer, wait_s=WAIT_S, otherwise=here)


def _show(console: "Console", answer: "Answer", *, as_json: bool) -> None:
    import msgspec
    from rich.panel import Panel
    from rich.text import Text

    if as_json:
        console.out(msgspec.json.encode(answer).decode(), highlight=False)
        return
    colour = {"answered": "green", "unknown": "yellow", "refused": "red"}[answer.status]
    lines = [Text(answer.text)]
    for number, citation in enumerate(answer.citations, 1):
        place = f"{citation.source}, {citation.title}" if citation.title else citation.source
        posts = f" ({len(citation.posts)} posts)" if citation.posts else ""
        lines.append(Text(f"[{number}] {place}{posts}", "dim"))
    if answer.hand_over is not None:
        lines += [Text(f"nearest: {near.source}: {near.quote[:120]}", "dim") for near in answer.hand_over.nearest]
    if answer.judge is not None:
        lines.append(Text(f"decided by {answer.judge}", "dim"))
    title = Text(f" {answer.status} {answer.sureness:.2f} ", f"bold {colour}")
    console.print(Panel(Text("\n").join(lines), title=title, title_align="left", border_style=colour, padding=(0, 1)))


def _check(folder: Path, settings: "Settings", console: "Console", *, tune: bool, listed: bool) -> None:
    from rich.progress import track

    from agents.files import lines_of
    from streams.contracts.answers import Question
    from streams.support.calibration import DECLINED
    from streams.support.evaluation import BadCases, cases_of, judge
    from streams.support.finding import fitted

    try:
        cases = cases_of(b"".join(lines_of(folder / "questions.csv")).decode("utf-8-sig"))
    except (BadCases, UnicodeDecodeError) as error:
        raise RedianError(f"{folder / 'questions.csv'}: {error}") from None
    meaning = _meaning(settings)
    if meaning is None:
        raise RedianError("the encoder is off, so nothing can be answered; leave out `--encoder off`")
    answer_of = _answer_of(settings)
    judged: list[Judged] = []
    signs = []
    asked = track(_by_world(folder, cases, meaning), "asking", total=len(cases), console=console, transient=True)
    for case, answerer in asked:
        judged.append(judge(case, answer_of(answerer, Question(id=case.question, text=case.question, lang=case.lang))))
        if tune and case.split == "tuning" and (best := answerer.best(case.question, case.lang)) is not None:
            signs.append((best, case.answerable))
    if listed:
        for found in judged:
            if found.verdict != ("right" if found.case.answerable else "declined"):
                wanted = "/".join(found.case.expected) or "declined"
                console.print(
                    f"{found.verdict} {found.answer.sureness:.2f} {found.case.question} -> {found.answer.text[:80]} "
                    f"(wanted: {wanted})",
                    markup=False,
                    highlight=False,
                )
    console.print(_table(judged))
    if tune:
        console.print(fitted(signs, DECLINED), highlight=False)


def _by_world(folder: Path, cases: "Sequence[Case]", meaning: "Meaning") -> "Iterator[tuple[Case, Answerer]]":
    for world in dict.fromkeys(case.world for case in cases):
        briefs = folder / world / "briefs.jsonl"
        answerer = _answerer(folder / world, briefs if briefs.is_file() else None, meaning)
        for case in cases:
            if case.world == world:
                yield case, answerer


def _table(judged: "Sequence[Judged]") -> "Table":
    from rich.table import Table

    from streams.support.evaluation import figures, interval

    table = Table("split", "language", "answerable, right", "wrong", "unanswerable, declined", box=None)
    groups = {(found.case.split, lang) for found in judged for lang in (found.case.lang, "all")}
    for split, lang in sorted(groups, reverse=True):
        group = [found for found in judged if found.case.split == split and lang in (found.case.lang, "all")]
        counts = figures(group)

        def share(count: int, total: int) -> str:
            low, high = interval(count, total)
            return f"{count}/{total} = {count / max(total, 1):.2f} [{low:.2f}, {high:.2f}]"

        table.add_row(
            split,
            lang,
            share(counts.right, counts.answerable),
            str(counts.wrong),
            share(counts.declined, counts.unanswerable),
        )
    return table
