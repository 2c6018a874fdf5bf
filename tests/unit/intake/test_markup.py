"""HTML of posts as text, and HTML that is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.mapping.markup import text_of
from streams.support.documents import html_sections

BITS = [
    "<",
    ">",
    "/",
    "a ",
    "p",
    "!--",
    "--",
    "[",
    "]",
    "&",
    "#x",
    "0",
    ";",
    '"',
    "=",
    "中",
    "\x00",
    "\ud800",
    "\n",
    "?xml",
]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<p>two", "one\ntwo"),
        ("line<br>line<br/>line", "line\nline\nline"),
        ("<script>run()</script>seen<style>a{}</style><!-- not -->", "seen"),
        ("AT&amp;T &hearts; &#x1F600; &lt;b&gt;", "AT&T ♥ 😀 <b>"),
        ("I <3 you & me", "I <3 you & me"),
        ("profit <loss", "profit <loss"),  # a tag that never ends is what somebody wrote
        ("a<![b", "a<![b"),
        ("\x00one\x01\ud800two", "one two"),
        ("<?xml version='1.0' encoding='gb2312'?><meta charset='latin1'><p>中文", "中文"),
        ("<div>" * 1000 + "deep", "deep"),
        ("", ""),
        ("<!-- nothing -->", ""),
    ],
)
def test_text_of_html(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize("begun", ["<a ", "<a b='", "<!--", "<p", "<![", "<div>", "<font><div>", "<table><tr>"])
@pytest.mark.parametrize("ended", ["", ">"])
def test_much_that_nobody_closed_is_read(begun: str, ended: str) -> None:
    """Each took Python's own parser, or others, hours."""
    assert text_of("<p>before</p>" + begun * 100_000 + ended).startswith("before")
    assert next(iter(html_sections("<p>before</p>" + begun * 100_000 + ended)))[1].startswith("before")


@given(st.lists(st.sampled_from(BITS), max_size=40).map("".join) | st.text())
@example("<![")
def test_any_text_can_be_read_as_html(html: str) -> None:
    text_of(html)
    list(html_sections(html))
