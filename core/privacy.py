"""Numbers that point to a person: they are kept out of every free text.

Looked for are 18-character identity numbers, mobile numbers, bank cards of 16 to 19 digits and
e-mail addresses; full-width signs count as plain ones, groups parted by spaces or hyphens too.

Codes may be long numbers of their own, so there only an identity number with a real birthday and the
right check digit counts. References and user names, which people type, hold none of the others either,
where the number stands alone, and for a card begins as cards do: with 3 to 6 or 9, not with a year.
"""

import re
import unicodedata
from datetime import date
from typing import Literal

IdentityKind = Literal["identity", "card", "mobile", "email"]

PATTERNS: dict[IdentityKind, str] = {
    "identity": (
        r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
    ),
    "mobile": r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:\d{8}|[ -]\d{4}[ -]\d{4})(?!\d)",
    "card": r"(?<!\d)\d{16,19}(?!\d)|(?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)",
    "email": r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # begins at a word, else a long text takes for ever
}
"""First match wins: an identity number is not called a card."""

_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}


def identity_kind(words: str) -> IdentityKind | None:
    """Return what kind of personal number a text holds, None where it holds none."""
    plain = unicodedata.normalize("NFKC", words)
    return next((kind for kind, pattern in _COMPILED.items() if pattern.search(plain)), None)


_IDENTITY_DIGITS = 17
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_ALONE = r"(?<![0-9A-Za-z_/-])(?:{})(?![0-9A-Za-z_/-])"
_IN_USER_NAME = re.compile(
    "|".join(
        (
            PATTERNS["identity"],
            _ALONE.format(PATTERNS["mobile"]),
            _ALONE.format(r"(?=[3-69])(?:" + PATTERNS["card"] + ")"),
        )
    )
)


def is_identity_number(words: str) -> bool:
    """Tell whether 18 signs are an identity number: a day of birth that exists, and the check digit of ISO 7064."""
    digits, check = words[:_IDENTITY_DIGITS], words[_IDENTITY_DIGITS:].upper()
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[weighted % 11] == check


def is_personal_code(words: str) -> bool:
    """Tell whether a code holds an identity number; any other long number may be a code of its own."""
    if len(words) <= _IDENTITY_DIGITS:
        return False
    plain = unicodedata.normalize("NFKC", words)
    return any(is_identity_number(found) for found in _COMPILED["identity"].findall(plain))


def is_personal_user_name(words: str) -> bool:
    """Tell whether a user name is, or holds apart from other signs, a number that points to a person.

    A colleague may sign in with an e-mail address.
    """
    return bool(_IN_USER_NAME.search(unicodedata.normalize("NFKC", words)))


def is_personal_reference(words: str) -> bool:
    """Tell whether a reference holds such a number or an e-mail address."""
    return is_personal_user_name(words) or bool(_COMPILED["email"].search(words))
