"""Words in two languages: English source strings, gettext catalogues for 简体中文.

The catalogues are `zh/<subject>.po`, one a subject, merged here. Nothing is installed globally:
sessions share the process, so the language is an argument of every look-up.
"""

from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, cast, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "zh": "简体中文"}
CATALOGUES = Path(__file__).parent / "zh"


@cache
def translations(language: Language) -> NullTranslations:
    """Return the words of a language; English is the source itself.

    Raises:
        ValueError: two catalogues translate one source string differently.
    """
    if language == "en":
        return NullTranslations()
    merged: dict[object, str] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        for key, word in _catalogue(path).items():
            if key and merged.setdefault(key, word) != word:
                raise ValueError(f"{path.name}: {key!r} is {word!r} here and {merged[key]!r} elsewhere")
    both = GNUTranslations()
    both._catalog = merged  # type: ignore[attr-defined]  # noqa: SLF001  # gettext has no public merge
    both.plural = int  # type: ignore[attr-defined]  # asked for a string no catalogue has; set only when a file is read
    return both


def _catalogue(path: Path) -> dict[object, str]:
    with path.open("rb") as file:
        compiled = BytesIO()
        write_mo(compiled, read_po(file, locale="zh_CN"))
    compiled.seek(0)
    return cast("dict[object, str]", GNUTranslations(compiled)._catalog)  # type: ignore[attr-defined]  # noqa: SLF001


def text(language: Language, source: str, /, **values: object) -> str:
    """Return the source string in the language, its {fields} filled in."""
    words = translations(language).gettext(source)
    return words.format(**values) if values else words


def listed(language: Language, words: Iterable[str]) -> str:
    """Return words in a row, parted as the language parts them."""
    return ("、" if language == "zh" else ", ").join(words)


def bracketed(language: Language, words: str) -> str:
    """Return words that follow others in brackets, as the language writes them."""
    return f"（{words}）" if language == "zh" else f" ({words})"


def language_of(locale: str | None) -> Language:
    """Return the language for a browser's locale such as zh-CN."""
    return "zh" if locale and locale.lower().startswith("zh") else "en"
