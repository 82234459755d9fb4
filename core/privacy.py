"""Numbers that point to a person: they are kept out of every free text.

Looked for are 18-character identity numbers, mobile numbers, bank cards of 16 to 19 digits and
e-mail addresses; full-width signs count as plain ones, groups parted by spaces or hyphens too.
"""

import re
import unicodedata
from typing import Literal

IdentityKind = Literal["identity", "card", "mobile", "email"]

PATTERNS: dict[IdentityKind, str] = {
    "identity": (
        r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
    ),
    "mobile": r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:\d{8}|[ -]\d{4}[ -]\d{4})(?!\d)",
    "card": r"(?<!\d)\d{16,19}(?!\d)|(?<!\d)\d{4}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)",
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
}
"""First match wins: an identity number is not called a card."""

_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}


def identity_kind(words: str) -> IdentityKind | None:
    """Return what kind of personal number a text holds, None where it holds none."""
    plain = unicodedata.normalize("NFKC", words)
    return next((kind for kind, pattern in _COMPILED.items() if pattern.search(plain)), None)
