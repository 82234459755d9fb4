"""Numbers that point to a person: they are kept out of every free text.

Looked for are 18-character identity numbers, mobile numbers, bank cards of 16 to 19 digits and
e-mail addresses, full-width digits and digits with spaces or hyphens between them included.
"""

import re
import unicodedata
from typing import Literal

IdentityKind = Literal["identity", "card", "mobile", "email"]

_GAP = r"[ \-]?"
_PATTERNS: tuple[tuple[IdentityKind, re.Pattern[str]], ...] = (
    ("identity", re.compile(rf"(?<!\d)[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?!\d)")),
    ("card", re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{15,18}}(?!\d)")),
    ("mobile", re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9](?:{_GAP}\d){{9}}(?!\d)")),
    ("email", re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")),
)


def identity_kind(text: str) -> IdentityKind | None:
    """Return what kind of personal number a text holds, None where it holds none."""
    plain = unicodedata.normalize("NFKC", text)
    return next((kind for kind, pattern in _PATTERNS if pattern.search(plain)), None)


def masked(text: str) -> str:
    """Return the text with every personal number replaced by ***."""
    plain = unicodedata.normalize("NFKC", text)
    for _, pattern in _PATTERNS:
        plain = pattern.sub("***", plain)
    return plain
