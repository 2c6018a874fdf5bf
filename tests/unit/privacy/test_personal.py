"""What identifies a person is found, and nothing else: on a labelled set, with its figures, and by properties."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.privacy.checksums import is_card, is_chinese_id, is_iban
from streams.privacy.groups import shares
from streams.privacy.personal import KINDS, find, taken_out

SET = Path(__file__).resolve().parents[2] / "golden" / "personal.txt"
_LABEL = re.compile(r"\{(\w+)\|([^}]*)\}")


def labelled() -> list[tuple[str, set[tuple[int, int, str]]]]:
    """Return each text of the set with what should be found in it."""
    made = []
    for line in SET.read_text("utf-8").splitlines():
        if not line or line.startswith("# "):
            continue
        text, labels, end = "", set(), 0
        for found in _LABEL.finditer(line):
            text += line[end : found.start()]
            labels.add((len(text), len(text) + len(found[2]), found[1]))
            text += found[2]
            end = found.end()
        made.append((text + line[end:], labels))
    return made


def figures() -> dict[str, tuple[int, int, int]]:
    """Return by kind how many are labelled, found, and found in error."""
    wanted, right, wrong = Counter[str](), Counter[str](), Counter[str]()
    for text, labels in labelled():
        found = set(find(text))
        wanted.update(kind for *_, kind in labels)
        right.update(kind for *_, kind in labels & found)
        wrong.update(kind for *_, kind in found - labels)
    return {kind: (wanted[kind], right[kind], wrong[kind]) for kind in KINDS}


def test_on_the_labelled_set_all_is_found_and_nothing_in_error() -> None:
    print(figures())
    missed = [(text, labels - set(find(text)), set(find(text)) - labels) for text, labels in labelled()]
    assert [case for case in missed if case[1] or case[2]] == []


def test_the_set_has_every_kind_and_texts_without_any() -> None:
    texts = labelled()
    assert {kind for _, labels in texts for *_, kind in labels} == set(KINDS)
    assert sum(not labels for _, labels in texts) >= 70


@given(st.text(alphabet=st.sampled_from("0123456789 -+().@abcAB京微信QQ:：xX/"), max_size=80))
def test_what_is_found_lies_in_the_text_in_order_without_overlaps(text: str) -> None:
    end = 0
    for begin, after, kind in find(text):
        assert end <= begin < after <= len(text)
        assert kind in KINDS
        end = after


@given(st.text(alphabet=st.sampled_from("0123456789 -+().@abc京微信QQ:x"), max_size=80))
def test_taking_out_leaves_nothing_to_take_out(text: str) -> None:
    once = taken_out(text, "\x02")
    assert not list(find(once.replace("\x02", "\n")))


@given(st.integers(10**15, 10**16 - 1))
def test_one_digit_more_or_less_in_a_card_is_noticed(number: int) -> None:
    digits = str(number)
    if is_card(digits):
        assert not any(is_card(digits[:-1] + other) for other in "0123456789" if other != digits[-1])


@pytest.mark.parametrize("place", range(4, 22))
def test_a_changed_character_makes_an_iban_none(place: int) -> None:
    good = "DE89370400440532013000"
    assert is_iban(good)
    assert not is_iban(good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :])


def test_chinese_numbers_are_judged_by_region_birth_and_check_digit() -> None:
    assert is_chinese_id("11010519491231002X")
    assert not is_chinese_id("110105194912310021")
    assert not is_chinese_id("91010519491231002X")
    assert not is_chinese_id("11010519491331002X")


def test_small_groups_are_told_together() -> None:
    posts = [("en", n) for n in range(12)] + [("zh", n) for n in range(5)] + [("ja", 1), ("ja", 1), ("ko", 2)]
    assert shares(posts) == {"en": 0.6, "zh": 0.25, "other": 0.15}
    assert shares([("en", 1)] * 9) == {"other": 1.0}
    assert shares([]) == {}
