"""The operator's documents as passages: Markdown, HTML and FAQ tables. PDF is in `pdf.py`; reading files is not here.

Every limit is on what comes out, so that a small file cannot become a large index.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

from streams.markup import events_of
from streams.support.passages import Passage, language_of, pieces_of

MAX_PASSAGES: Final = 5_000
"""Passages of one document; what is beyond is left out and told."""

_HEADING: Final = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE: Final = re.compile(r"^(```|~~~)")
_MARKUP: Final = re.compile(
    r"!?\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)|[*_`]{1,3}|^\s*(?:>|[-*+]|\d+\.)\s+|<[^>\n]{1,200}>|\|", re.M
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_UNREAD: Final = frozenset({"script", "style", "nav", "head", "template", "noscript", "svg", "footer"})
_BLOCKS: Final = frozenset({"p", "div", "li", "tr", "br", "section", "article", "td", "th", "dd", "dt", "blockquote"})

Section = tuple[str, str]
"""Headings above, joined, and the text below them."""


class UnreadableDocument(Exception):
    """A document that cannot be used; the text is one line that says why."""


def passages_of(source: str, sections: Iterable[Section]) -> list[Passage]:
    """Return the passages of a document, at most `MAX_PASSAGES`.

    Args:
        source: what its citations name, such as its path below the documents' folder.
        sections: its text by heading.
    """
    found: list[Passage] = []
    for title, text in sections:
        for piece in pieces_of(text):
            if len(found) == MAX_PASSAGES:
                return found
            passage_id = f"{source}#{len(found) + 1}"
            lang = language_of(piece)
            found.append(Passage(id=passage_id, kind="document", source=source, title=title, text=piece, lang=lang))
    return found


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8, with or without its mark, else GB 18030.

    Raises:
        UnreadableDocument: it is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise UnreadableDocument("it is no text in UTF-8 or GB 18030")


def markdown_sections(text: str) -> Iterator[Section]:
    """Yield the sections of a Markdown text; code is text too, marks of form are not."""
    above: list[tuple[int, str]] = []
    held: list[str] = []
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
            continue
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            held.append(line)
            continue
        yield from _section(above, held)
        held = []
        level = len(heading[1])
        above = [(other, title) for other, title in above if other < level]
        above.append((level, _MARKUP.sub(r"\1", heading[2])))
    yield from _section(above, held)


def _section(above: list[tuple[int, str]], lines: list[str]) -> Iterator[Section]:
    # A line break inside a paragraph is no end of a sentence; an empty line and a list item are.
    paragraphs = re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.|\|)\s)", "\n".join(lines))
    text = "\n".join(_unbroken(_MARKUP.sub(r"\1", paragraph)) for paragraph in paragraphs)
    if text.strip():
        yield " › ".join(title for _, title in above), text


def _unbroken(paragraph: str) -> str:
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s*\n\s*|\s*\n\s*", _join, paragraph.strip())


def _join(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1] if found.start() else ""
    return "" if "\u3000" <= before <= "\uffef" else " "


def html_sections(text: str) -> Iterator[Section]:
    """Yield the sections of an HTML page by its headings, without scripts, styles and navigation."""
    sections: list[tuple[list[tuple[int, str]], list[str]]] = [([], [])]
    heading: list[str] | None = None
    for kind, found in events_of(text, _UNREAD):
        if kind == "text":
            (sections[-1][1] if heading is None else heading).append(found)
        elif found in _HEADINGS:
            if kind == "start":
                heading = []
            elif heading is not None:
                level = int(found[1])
                above = [(other, title) for other, title in sections[-1][0] if other < level]
                sections.append(([*above, (level, _unbroken("".join(heading)))], []))
                heading = None
        elif found in _BLOCKS:
            sections[-1][1].append("\n\n")
    for above, parts in sections:
        paragraphs = re.split(r"\n\s*\n", "".join(parts))
        joined = "\n".join(line for paragraph in paragraphs if (line := _unbroken(paragraph)))
        if joined.strip():
            yield " › ".join(title for _, title in above), joined


def faq_passages(source: str, text: str) -> list[Passage]:
    """Return one passage for each row of a table with the columns question, answer and, if there, lang.

    Raises:
        UnreadableDocument: it is no such table.
    """
    rows = csv.DictReader(io.StringIO(text))
    try:
        columns = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
        if not {"question", "answer"} <= columns.keys():
            raise UnreadableDocument("a FAQ table needs the columns question and answer in its first line")
        found: list[Passage] = []
        for row in rows:
            question, answer = ((row[columns[name]] or "").strip() for name in ("question", "answer"))
            if not question or not answer or len(found) == MAX_PASSAGES:
                continue
            lang = (row.get(columns.get("lang", ""), "") or "").strip() or language_of(answer)
            passage_id = f"{source}#{len(found) + 1}"
            answer = "\n".join(pieces_of(answer))
            found.append(Passage(id=passage_id, kind="faq", source=source, title=question, text=answer, lang=lang))
    except csv.Error as error:
        raise UnreadableDocument(f"it is no table of comma-separated values: {error}") from None
    return found
