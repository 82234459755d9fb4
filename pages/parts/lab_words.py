"""What the numbers of the stage engine are called in the threshold lab, and in which order they are offered."""

from fnmatch import fnmatchcase
from functools import cache

from core.language import Language
from core.limit_rows import Name
from core.simulation import market_names
from core.stages.limits import RuleValue
from core.stages.rule_check import range_of, shipped_rows, title_of
from pages.parts.session import language, t

FIRST_OFFERED = (
    ("limits", "hold_*"),
    ("limits", "window_*"),
    ("warnings", "*"),
    ("phases", "*.mean_weeks"),
    ("phases", "*.level_share"),
    ("limits", "*"),
)
"""The most useful numbers first; the others follow in the order of the files."""


@cache
def offered_numbers() -> tuple[Name, ...]:
    """Return the numbers that can be changed, the most useful first."""
    names = [name for name in shipped_rows() if range_of(name)[0] < range_of(name)[1]]
    return tuple(sorted(names, key=_place))


def offered_words() -> dict[Name, str]:
    """Return the same with their words; made once a language, as there are hundreds."""
    return _offered_words(language())


@cache
def _offered_words(_words: Language) -> dict[Name, str]:
    return {name: number_word(name) for name in offered_numbers()}


def _place(name: Name) -> int:
    fits = (all(map(fnmatchcase, name, pattern)) for pattern in FIRST_OFFERED)
    return next((place for place, does in enumerate(fits) if does), len(FIRST_OFFERED))


def subject_words() -> dict[str, str]:
    """Return the words of the subjects."""
    return {
        "limits": t("Limits"),
        "warnings": t("Warnings"),
        "phases": t("Phases"),
        "moves": t("Moves between phases"),
        "season": t("Season"),
        "size_standards": t("Size standards"),
    }


def group_word(name: Name) -> str:
    """Return what a number belongs to."""
    match _place(name):
        case 0:
            return t("Hold-back")
        case 1:
            return t("Windows")
        case 3:
            return t("Phase lengths")
        case 4:
            return t("Phase levels")
    return subject_words()[name[0]]


def number_word(name: Name) -> str:
    """Return a number as the choice shows it: what it belongs to, then its title."""
    return f"{group_word(name)} · {title_of(language(), name)}"


def unit_word(name: Name) -> str:
    """Return the unit of a number."""
    row = shipped_rows()[name]
    return row.unit_zh if language() == "zh" else row.unit


def change_word(value: RuleValue, before: float) -> str:
    """Return one change as a short text."""
    title = title_of(language(), (value.subject, value.key))
    return t("{name}: {value}", name=title, value=f"{before:.4g} → {value.value:.4g}")


def profile_words() -> dict[str, str]:
    """Return the words of the simulated markets, the usual one first."""
    known = {
        "usual": t("Usual"),
        "small": t("Small branches"),
        "strong_season": t("Strong season"),
        "noisy": t("Noisy, with campaign weeks"),
        "turnover": t("High staff turnover"),
    }
    return {name: known.get(name, name) for name in market_names()}
