"""Queries of watchlists: words, "phrases", #tags, AND, OR, NOT and brackets, read once and asked of every post.

A query is asked of the terms of a post (see `streams.contracts.terms`), never of its text, so it counts what the
detector counts. A word stands for itself and for the hashtag of the same name. Limits keep one query from costing more
than all others; every refusal is one line that says what to do.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

import msgspec
from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken, VisitError

from streams.intake import clean
from streams.intake.terms import terms_of
from streams.intake.words import Unit, units

MAX_CHARS: Final = 4_000
MAX_WORDS: Final = 200
"""Words and phrases of a query, its synonyms included."""
MAX_DEPTH: Final = 20

_GRAMMAR: Final = r"""
?start: either
?either: both (_OR both)*
?both: (_AND? negated) (_AND? negated)*
?negated: _NOT negated -> no
        | atom
?atom: "(" either ")"
     | QUOTED -> literal
     | WORD -> literal
_OR: /OR(?![^\s()])/ | "|"
_AND: /AND(?![^\s()])/ | "&"
_NOT: /NOT(?![^\s()])/ | /-(?=\S)/
QUOTED: /"[^"\n]{1,200}"|“[^”\n]{1,200}”/
WORD.-1: /(?!(?:AND|OR|NOT)(?:[\s()]|$))[^\s()"“”|&]{1,100}/
%ignore /\s+/
"""
_HAN_FROM, _HAN_TO = "\u3400", "\u9fff"


class BadQuery(Exception):
    """A query that cannot be used; the text is one line for whoever wrote it."""


class Asked(msgspec.Struct, frozen=True):
    """A post as queries see it: its terms, and the same in one string."""

    terms: frozenset[str]
    joined: str


def asked(terms: Collection[str]) -> Asked:
    """Return a post's terms as queries see them."""
    return Asked(frozenset(terms), "\n".join(terms))


Test = Callable[[Asked], bool]


class Query(msgspec.Struct, frozen=True):
    """A query that can be asked. `hooks` are terms of which a matching post has one, `parts` strings likewise.

    `words` are the literals as written, for leaving them out of what a query's posts say.
    """

    test: Test
    hooks: frozenset[str]
    parts: frozenset[str]
    words: frozenset[str]

    def matches(self, post: Asked) -> bool:
        """Return whether a post is meant."""
        return self.test(post)


class Literal(msgspec.Struct, frozen=True):
    """A word or phrase: its hashtag, or all of its terms; in Chinese its signs wherever terms have them in a row."""

    tag: str
    terms: tuple[str, ...]
    part: str

    def matches(self, post: Asked) -> bool:
        """Return whether a post has it."""
        if self.part:
            return self.part in post.joined
        return self.tag in post.terms or (bool(self.terms) and all(term in post.terms for term in self.terms))


def literal_of(text: str) -> Literal:
    """Read a word, a phrase or a #tag.

    Raises:
        BadQuery: nothing of it can be counted.
    """
    plain = " ".join(text.strip('"“”').split()).casefold()
    tag = f"tag:{plain.lstrip('#').replace(' ', '')}"
    if plain.startswith("#"):
        if len(plain) == 1:
            raise BadQuery("a # without a word cannot be counted")
        return Literal(tag, (), "")
    if any(_HAN_FROM <= char <= _HAN_TO for char in plain):
        if len(plain) < 2:
            raise BadQuery(f"“{plain}” is a single character and stands in too many words; give a longer one")
        return Literal(tag, (), plain)
    found = units(clean(plain).marked, "en")
    terms: list[str] = []
    for run in _runs(found):
        terms += _terms_of_run(run)
    if not terms:
        raise BadQuery(f'"{plain}" is too common or too short to be counted; leave it out')
    return Literal(tag, tuple(dict.fromkeys(terms)), "")


def _runs(found: Sequence[Unit]) -> list[list[Unit]]:
    runs: list[list[Unit]] = [[]]
    for unit in found:
        if unit is None:
            runs.append([])
        else:
            runs[-1].append(unit)
    return [run for run in runs if run]


def _terms_of_run(run: list[Unit]) -> list[str]:
    """Return terms that a post with these words in a row has: phrases of two, or the words themselves."""
    nothing = clean("")
    terms: list[str] = []
    for first, second in pairwise(run):
        made = terms_of(nothing, [first, second], repost_of=None, copy_key=0)
        phrase = [term for term in made if term.startswith("phrase:")]
        terms += phrase or list(made)
    return terms or list(terms_of(nothing, run, repost_of=None, copy_key=0))


class _Compiled(msgspec.Struct, frozen=True):
    test: Test
    positive: tuple[Literal, ...]
    depth: int


class _Compiler(Transformer[Token, _Compiled]):
    def __init__(self, synonyms: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        self._synonyms = {word.casefold(): tuple(others) for word, others in synonyms.items()}
        self.words: list[str] = []

    def literal(self, children: Sequence[Token]) -> _Compiled:
        text = str(children[0])
        plain = " ".join(text.strip('"“”').split())
        alternatives = [plain, *self._synonyms.get(plain.casefold(), ())]
        self.words += [word.casefold().lstrip("#") for word in alternatives]
        if len(self.words) > MAX_WORDS:
            raise BadQuery(f"more than {MAX_WORDS} words and phrases, synonyms included; make several watchlists of it")
        literals = tuple(literal_of(word) for word in alternatives)
        return _Compiled(lambda post: any(literal.matches(post) for literal in literals), literals, 1)

    def either(self, children: Sequence[_Compiled]) -> _Compiled:
        tests = tuple(child.test for child in children)
        positive = tuple(literal for child in children for literal in child.positive)
        return self._deeper(lambda post: any(test(post) for test in tests), positive, children)

    def both(self, children: Sequence[_Compiled]) -> _Compiled:
        tests = tuple(child.test for child in children)
        positive = tuple(literal for child in children for literal in child.positive)
        return self._deeper(lambda post: all(test(post) for test in tests), positive, children)

    def no(self, children: Sequence[_Compiled]) -> _Compiled:
        test = children[0].test
        return self._deeper(lambda post: not test(post), children[0].positive, children)

    @staticmethod
    def _deeper(test: Test, positive: tuple[Literal, ...], children: Sequence[_Compiled]) -> _Compiled:
        depth = 1 + max(child.depth for child in children)
        if depth > MAX_DEPTH:
            raise BadQuery(f"brackets and NOTs more than {MAX_DEPTH} deep")
        return _Compiled(test, positive, depth)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)


def parse(text: str, synonyms: Mapping[str, Sequence[str]] | None = None) -> Query:
    """Read a query.

    Example:
        >>> query = parse('(tesla OR 特斯拉) AND "model y" NOT stock')
        >>> query.matches(asked(["word:tesla", "phrase:model y"]))
        True

    Raises:
        BadQuery: it does not parse, is too long, matches everything, or has a word that is never counted.
    """
    if not text.strip():
        raise BadQuery("the query is empty and would match everything; give at least one word")
    if len(text) > MAX_CHARS:
        raise BadQuery(f"the query has {len(text):,} characters, at most {MAX_CHARS:,} are read")
    compiler = _Compiler(synonyms or {})
    try:
        compiled: Any = compiler.transform(_parser().parse(text))
    except VisitError as error:
        if isinstance(error.orig_exc, BadQuery):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        raise BadQuery(_told(text, error)) from None
    except RecursionError:
        raise BadQuery(f"brackets and NOTs more than {MAX_DEPTH} deep") from None
    if compiled.test(asked(())):
        raise BadQuery("the query matches every post without its words; join NOT to something by AND")
    hooks = {literal.tag for literal in compiled.positive} | {
        literal.terms[0] for literal in compiled.positive if literal.terms
    }
    parts = {literal.part for literal in compiled.positive if literal.part}
    return Query(compiled.test, frozenset(hooks), frozenset(parts), frozenset(compiler.words))


def _told(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return "the query ends too soon: a bracket is open, or a word is missing after AND, OR or NOT"
    column = error.column if isinstance(error, UnexpectedCharacters | UnexpectedToken) else 1
    near = text[max(column - 1, 0) : column + 19]
    return f"the query is not understood at character {column}, near {near!r}"
