"""Passwords: the rules a new one must keep, hashes, one-time passwords.

Length decides, not classes of characters (NIST SP 800-63B-4, section 3.1.1; ASVS 5.0 6.2.5). bcrypt reads
72 bytes at most: 24 Chinese characters. The sign-in form takes blanks off both ends, so none may stand there.
"""

import secrets
import unicodedata
from enum import StrEnum
from pathlib import Path

import bcrypt

from core.language import Language, text

FEWEST_CHARACTERS = 8
MOST_CHARACTERS = 64
MOST_BYTES = 72
COST = 12
UNKNOWN_USER_HASH = b"$2b$12$4PrlCd3lBKTDJSgw9dffJ.o06FQqRJRkEP48cITnEmQzRjED3P01e"
"""What an unknown name is checked against, so that it takes the time a known one takes."""
ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters that are not mistaken for each other when read aloud."""
COMMONEST = frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())
"""What guessers try first: our selection, Chinese habits included."""


class PasswordFault(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    CONTROL = "control"
    BLANK_ENDS = "blank_ends"
    COMMON = "common"
    NAME = "name"


def password_fault(password: str, *, username: str) -> PasswordFault | None:
    """Return the first rule a new password breaks, None where it keeps them all."""
    if len(password) < FEWEST_CHARACTERS:
        return PasswordFault.SHORT
    if len(password) > MOST_CHARACTERS or len(_typed(password)) > MOST_BYTES:
        return PasswordFault.LONG
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in password):
        return PasswordFault.CONTROL
    if password != password.strip():
        return PasswordFault.BLANK_ENDS
    if password.lower() in COMMONEST or len(set(password)) < 3:
        return PasswordFault.COMMON
    if username and username.lower() in password.lower() and len(password) - len(username) < 6:
        return PasswordFault.NAME
    return None


def password_fault_words(language: Language, fault: PasswordFault) -> str:
    """Return what to tell the person who chose the password."""
    match fault:
        case PasswordFault.SHORT:
            return text(language, "The password needs at least {count} characters", count=FEWEST_CHARACTERS)
        case PasswordFault.LONG:
            return text(
                language,
                "The password may have at most {count} characters, or 24 Chinese ones",
                count=MOST_CHARACTERS,
            )
        case PasswordFault.CONTROL:
            return text(language, "The password may not hold invisible characters")
        case PasswordFault.BLANK_ENDS:
            return text(language, "The password may not begin or end with a blank")
        case PasswordFault.COMMON:
            return text(language, "This password is among the first that are guessed")
        case PasswordFault.NAME:
            return text(language, "The password is too close to the user name")


def hash_of(password: str, *, cost: int = COST) -> str:
    """Return the hash to store; a lower cost is for tests."""
    return bcrypt.hashpw(_typed(password), bcrypt.gensalt(cost)).decode()


def matches(password: str, stored_hash: str | None) -> bool:
    """Tell whether the password is the one behind the hash; None takes as long and is never so."""
    typed = _typed(password)
    same = bcrypt.checkpw(typed[:MOST_BYTES], stored_hash.encode() if stored_hash else UNKNOWN_USER_HASH)
    return same and stored_hash is not None and len(typed) <= MOST_BYTES


def one_time_password() -> str:
    """Return a random password of three groups, about 59 bits, to be changed at first sign-in."""
    return "-".join("".join(secrets.choice(ONE_TIME_LETTERS) for _ in range(4)) for _ in range(3))


def _typed(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode(errors="replace")
