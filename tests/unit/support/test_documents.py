"""Documents as passages: what is kept, what is left out, and what is refused in one line."""

import io
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.adapters.document_folder import read_documents
from agents.adapters.pdf_child import read_pdf
from agents.errors import RedianError
from streams.support.documents import (
    MAX_PASSAGES,
    UnreadableDocument,
    decoded,
    faq_passages,
    html_sections,
    markdown_sections,
    passages_of,
)
from streams.support.passages import MAX_CHARS, pieces_of

DONORS = Path(__file__).parents[2] / "answers" / "arden" / "donors.pdf"


def test_a_markdown_section_carries_the_headings_above_it() -> None:
    sections = list(markdown_sections("# Shop\nHello.\n## Returns\nWithin *45* days, see [here](x).\n- clean\n"))
    assert sections == [("Shop", "Hello."), ("Shop › Returns", "Within 45 days, see here.\nclean")]


def test_scripts_styles_and_navigation_of_a_page_are_no_text() -> None:
    page = "<head><title>t</title></head><nav>Home</nav><h1>Care</h1><p>Wash <b>cold</b>.</p><script>steal()</script>"
    assert list(html_sections(page)) == [("Care", "Wash cold.")]


def test_chinese_lines_are_joined_without_a_space() -> None:
    assert list(markdown_sections("水壶保修\n一年。")) == [("", "水壶保修一年。")]


def test_a_faq_needs_its_columns() -> None:
    with pytest.raises(UnreadableDocument, match="columns question and answer"):
        faq_passages("x.csv", "a,b\n1,2\n")


def test_a_faq_row_without_an_answer_is_passed_over() -> None:
    found = faq_passages("x.csv", "Question,Answer\nWhen?,\nWhere?,In Marlow.\n")
    assert [(passage.title, passage.text) for passage in found] == [("Where?", "In Marlow.")]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        decoded(b"\x00\x01\x02\xff")


def test_a_document_gives_at_most_so_many_passages() -> None:
    assert len(passages_of("x", [("", "word word word.\n" * 60)] * MAX_PASSAGES)) == MAX_PASSAGES


@given(st.text(max_size=3000))
def test_pieces_lose_nothing_and_fit_the_encoder(text: str) -> None:
    pieces = list(pieces_of(text))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(len(piece) <= 2 * MAX_CHARS for piece in pieces)


@given(st.text(max_size=500))
def test_any_text_can_be_read_as_markdown_and_as_a_page(text: str) -> None:
    passages_of("x", markdown_sections(text))
    passages_of("x", html_sections(text))


def test_a_pdf_is_read_page_by_page() -> None:
    sections = read_pdf(DONORS.read_bytes())
    assert [page for page, _ in sections] == ["1", "2"]
    assert "four months after getting a tattoo" in sections[0][1]


def bomb(size: int) -> bytes:
    """Return a PDF of one page whose content is `size` zeros once inflated."""
    packer = zlib.compressobj(9)
    block = b"\n" * (1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    table = out.tell()
    out.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def test_a_pdf_bomb_is_refused() -> None:
    with pytest.raises(UnreadableDocument):
        read_pdf(bomb(512 << 20))


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4\n", DONORS.read_bytes()[:700], b"%PDF-1.7\n" + bytes(range(256)) * 40]
)
def test_a_broken_pdf_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read_pdf(data)
    assert "\n" not in str(refused.value)


def test_one_bad_document_does_not_spoil_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing more")
    (tmp_path / "faq.csv").write_text("a,b\n", "utf-8")
    (tmp_path / "cut.html").write_text("<p>Open from nine.<![<![", "utf-8")
    (tmp_path / "good.md").write_text("# Hours\nOpen from nine.", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    read = {found.source: found for found in read_documents(tmp_path)}
    assert read.keys() == {"broken.pdf", "cut.html", "faq.csv", "good.md"}
    assert [passage.text for passage in read["good.md"].passages] == ["Open from nine."]
    assert read["broken.pdf"].why
    assert read["faq.csv"].why
    assert [passage.text[:15] for passage in read["cut.html"].passages] == ["Open from nine."]


def test_a_heading_over_two_lines_is_one_title_with_a_space_only_where_words_have_spaces() -> None:
    html = "<h1>Opening\n  hours</h1><p>From nine.</p><h1>東京の\n  営業時間</h1><p>九時から。</p>"
    assert [title for title, _ in html_sections(html)] == ["Opening hours", "東京の営業時間"]


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("One.", "utf-8")
    known = {found.source: found.stamp for found in read_documents(tmp_path)}
    assert list(read_documents(tmp_path, known)) == []
    path.write_text("One and two.", "utf-8")
    assert [found.passages[0].text for found in read_documents(tmp_path, known)] == ["One and two."]
    path.unlink()
    assert [found.passages for found in read_documents(tmp_path, known)] == [[]]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RedianError, match="there is no folder"):
        list(read_documents(tmp_path / "none"))
