"""What the pruned vocabulary costs languages: unknown tokens and longer texts, on the same sentence in each.

The sentence is the beginning of the Universal Declaration of Human Rights: too short for figures of much precision, but
what it shows is not a matter of percent: a script was kept or it was not.
"""

from typing import Final, NamedTuple

from tokenizers import Tokenizer

SENTENCES: Final = {
    "English": "All human beings are born free and equal in dignity and rights.",
    "Chinese": "人人生而自由，在尊严和权利上一律平等。",
    "Spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Turkish": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.",
    "Japanese": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Arabic": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
}


class Cost(NamedTuple):
    """Tokens of the sentence before and after pruning, and the share of unknown ones after."""

    before: int
    after: int
    unknown: float


def costs_of(before: Tokenizer, after: Tokenizer) -> dict[str, Cost]:
    """Return what each language pays."""
    unknown = after.token_to_id("<unk>")
    costs = {}
    for language, sentence in SENTENCES.items():
        ids = after.encode(sentence, add_special_tokens=False).ids
        old = before.encode(sentence, add_special_tokens=False).ids
        costs[language] = Cost(len(old), len(ids), round(ids.count(unknown) / len(ids), 3))
    return costs
