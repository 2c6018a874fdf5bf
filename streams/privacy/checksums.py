"""Check digits: what tells a number of a person from any other number of the same length."""

from datetime import date
from typing import Final

_CN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CN_CHECKS: Final = "10X98765432"
_TW_AREAS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VG": 24, "XK": 20,
}  # fmt: skip


def is_card(digits: str) -> bool:
    """Say whether 13 to 19 digits are a payment card's: a known issuer's beginning and Luhn's sum (ISO/IEC 7812-1)."""
    if not 13 <= len(digits) <= 19 or digits.startswith("2333"):  # laughter in Chinese, and no issuer's
        return False
    first2, first4 = int(digits[:2]), int(digits[:4])
    known = digits[0] == "4" or 51 <= first2 <= 55 or 2221 <= first4 <= 2720 or first2 in (34, 35, 36, 37, 38, 62)
    if not (known or first4 == 6011 or first2 == 65):
        return False
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_chinese_id(text: str) -> bool:
    """Say whether 18 characters are a resident identity number (GB 11643-1999): region, date of birth, check digit."""
    if len(text) != 18 or not text[:17].isdecimal() or not "1" <= text[0] <= "8":
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year <= 2099:
        return False
    total = sum(int(char) * weight for char, weight in zip(text, _CN_WEIGHTS, strict=False))
    return _CN_CHECKS[total % 11] == text[17].upper()


def is_iban(text: str) -> bool:
    """Say whether characters without spaces are an IBAN: its country's length and ISO 7064 MOD 97-10."""
    if _IBAN_LENGTHS.get(text[:2]) != len(text) or not text[2:4].isdecimal():
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def is_taiwan_id(text: str) -> bool:
    """Say whether a letter and nine digits are a national identity number of Taiwan."""
    area = 10 + _TW_AREAS.index(text[0])
    digits = [int(char) for char in text[1:]]
    total = (
        area // 10 + area % 10 * 9 + sum(digit * weight for digit, weight in zip(digits, range(8, 0, -1), strict=False))
    )
    return (total + digits[8]) % 10 == 0


def is_hong_kong_id(letters: str, digits: str, check: str) -> bool:
    """Say whether letters, six digits and a check digit are an identity card of Hong Kong."""
    values = [36, *(ord(char) - 55 for char in letters)] if len(letters) == 1 else [ord(char) - 55 for char in letters]
    values += [int(char) for char in digits]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0
