"""From the text of a post to what its author wrote: cleaned for reading, and marked for finding terms.

Leaves segmentation to `words.py` and the choice of terms to `terms.py`.
"""

import html
import re
import unicodedata
from typing import Final

import msgspec
import regex

from streams.intake.tags import MAX_WORDS, tag_words
from streams.privacy.personal import may_hold, taken_out

# Marks stand where something was taken out, so that no phrase reaches across it. Controls were removed before, so
# a text cannot contain them.
MENTION_MARK: Final = "\x01"
CUT_MARK: Final = "\x02"
TAG_MARK: Final = "\x03"

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Zero-width, bidirectional, variation and tag characters: invisible, so two texts that look alike should be alike.
# A joiner between two emoji is what makes them one and stays.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U000e0000-\U000e0fff]"
    "|\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])"
)
# Sorting thousands of stacked marks takes Unicode normalisation quadratic time; no language stacks more than four.
_STACKED: Final = regex.compile(r"(\p{M}{4})\p{M}+")
# Compatibility forms would turn Chinese punctuation into ASCII, which reads wrong in a Chinese sentence.
_NORMALISED: Final = re.compile(r"[^，！？：；（）～｜]+")
# Whatever those forms may change: not Latin of the first page, Chinese characters and their quotation marks.
_NARROW: Final = re.compile(
    r"[^\x00-\x9f\u00c0-\u00ff\u2018-\u201f\u3001\u3002\u3008-\u3011\u3400-\u4dbf\u4e00-\u9fff，！？：；（）～｜]"
)

_RESIDUE: Final = re.compile(
    # The look-behind keeps a long run of marks from being tried from each of its places.
    r"(?<![?？…\s])[?？…\s]*+"
    r"(?:收起全文d|展开全文c|O网页链接\??|(?<![A-Za-z])L[^\sL，。！？]{1,30}的(?:微博|秒拍|快手)视频\??)"
)
_CHAIN: Final = re.compile(r"//\s?@")
_PREFIX: Final = re.compile(
    r"^\s*(?:(?:RT|MT)\s?@\w{1,30}\s*[:：]?\s*|回[复復覆]\s?@[\w\-·]{1,30}\s*[:：]\s*)+", re.IGNORECASE
)

_URL: Final = re.compile(r"(?:[hH][tT][tT][pP][sS]?://|\b[wW][wW][wW]\.|\bt\.c[on]/)[!#-;=?-~]+")
_URL_PERSONAL: Final = re.compile(r"@|%40|(?:tel|phone|mobile|mail|idcard|ssn|iban)=", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:https?://)?(?:[^/@?#]*@)?([^/?#]*)", re.IGNORECASE)
# Begins with one set of characters, so that the search skips whatever is none of them: four times as fast.
_MARKS: Final = re.compile(
    r"[hHwWt@#\[](?:"
    r"(?P<url>(?:(?<=[hH])[tT][tT][pP][sS]?://|(?<=\b[wW])[wW][wW]\.|(?<=\bt)\.c[on]/)[!#-;=?-~]+)"
    r"|(?<=@)(?<![A-Za-z0-9._]@)(?P<user>[\w\-·]{1,30})"
    r"|(?<=#)(?P<weibo>[^#\s](?:[^#\n]{0,38}[^#\s])?)#"
    r"|(?<=#)(?<![\w&/]#)(?P<tag>\w{1,100})"
    r"|(?<=\[)(?P<face>[A-Za-z]{0,4}[\u3400-\u9fff][\u3400-\u9fffA-Za-z0-9]{0,7}|doge|good|ok|OK|NO|no|cp)\])"
)
_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER: Final = re.compile(r"[^\W\d_]")


class Cleaned(msgspec.Struct, frozen=True):
    """The author's own words and what was found among them.

    `text` is for reading and scoring: mentions masked as "@user", addresses, what identifies a person (see
    `streams.privacy`), crawler residue and emoticon tags gone.
    `marked` is the same with marks instead of what was taken out. `tags` are casefolded, `urls` as written; `tag_words`
    are the words that tags are made of (see `tags.py`).
    """

    text: str
    marked: str
    tags: tuple[str, ...]
    urls: tuple[str, ...]
    tag_words: tuple[str, ...] = ()


def normalised(text: str, max_chars: int) -> str:
    """Return `text` without entities, control and invisible characters, in NFKC, at most `max_chars` long.

    Chinese full-width punctuation keeps its form. The limit holds again here because a compatibility form may expand.
    """
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        if _NARROW.search(text):
            text = _STACKED.sub(r"\1", text)
            text = _NORMALISED.sub(_nfkc, text)
            text = _INVISIBLE.sub("", text)
    return _CONTROLS.sub(" ", text)[:max_chars]


def clean(text: str, *, max_chars: int = 20_000) -> Cleaned:
    """Clean the text of a post and take out its hashtags, addresses, mentions and emoticon tags.

    Of a chain `mine //@one: theirs //@two: theirs` only `mine` is kept: the rest is counted where it was written. After
    `RT @user:` the words stay, since a retweet without `repost_of` leaves no other trace of what is being passed on.
    """
    text = normalised(text, max_chars)
    if "//" in text:
        chain = _CHAIN.search(text)
        if chain is not None:
            text = text[: chain.start()]
    if "@" in text:
        prefix = _PREFIX.match(text)
        if prefix is not None:
            text = text[prefix.end() :]
    if "的" in text or "网" in text or "全文" in text or "收起" in text:
        text = _RESIDUE.sub(" ", text)
    tags: list[str] = []
    urls: list[str] = []
    named: list[str] = []

    def mark(found: re.Match[str]) -> str:
        kind, whole = found.lastgroup, found.group()
        if kind == "user":
            return MENTION_MARK
        if kind == "url":
            urls.append(_without_person(whole))
            return CUT_MARK
        if kind in ("tag", "weibo") and CUT_MARK in whole:
            return whole
        if kind == "tag":
            _take_tag(found["tag"], tags, named)
            return whole
        if kind == "weibo":
            return _weibo_tag(found["weibo"], whole, tags, named)
        return CUT_MARK

    marked = _MARKS.sub(mark, _without_persons(text))
    shown = marked.replace(MENTION_MARK, " @user ").replace(CUT_MARK, " ").replace(TAG_MARK, "#")
    return Cleaned(" ".join(shown.split()), marked, tuple(tags), tuple(urls), tuple(named[:MAX_WORDS]))


def _without_persons(text: str) -> str:
    """Take out what identifies a person, but leave addresses of the web whole: their numbers name pages."""
    if not may_hold(text):
        return text
    if "://" not in text and "www." not in text.lower() and "t.c" not in text:
        return taken_out(text, CUT_MARK)
    pieces, end = [], 0
    for found in _URL.finditer(text):
        pieces += [taken_out(text[end : found.start()], CUT_MARK), found.group()]
        end = found.end()
    return "".join([*pieces, taken_out(text[end:], CUT_MARK)])


def _without_person(address: str) -> str:
    """Return an address of the web, of one that names a person its host alone."""
    if not _URL_PERSONAL.search(address):
        return address
    host = _HOST.match(address)
    return host[1] if host is not None else ""


def _take_tag(tag: str, tags: list[str], named: list[str]) -> None:
    if _LETTER.search(tag):
        tags.append(tag.casefold())
        named += tag_words(tag)


def _weibo_tag(inner: str, whole: str, tags: list[str], named: list[str]) -> str:
    """Take `#中文#` as a tag; `#one and #two` in another script is two tags, not one between them."""
    if not _ASIAN.search(inner):
        for tag in re.findall(r"(?<!\w)#(\w{1,100})", whole):
            _take_tag(tag, tags, named)
        return whole
    name = " ".join(re.sub(r"\[[^\]]{1,8}\]?", "", inner).split())
    if not name:
        return CUT_MARK
    tags.append(name.casefold())
    return f"{TAG_MARK}{name}{TAG_MARK}"


def _nfkc(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found.group())
