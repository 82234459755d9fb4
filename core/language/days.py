"""Days and months as people write them: one form wherever one is shown."""

from datetime import date
from functools import lru_cache

from babel.dates import format_date

from core.language import Language, text


@lru_cache(maxsize=4096)  # lists say the same few days in every run
def day_word(language: Language, day: date) -> str:
    """Return a day as text: 5 Jan 2026, 2026年1月5日."""
    return format_date(day, text(language, "d MMM y"), locale="en")


def near_day_word(language: Language, day: date, today: date) -> str:
    """Return a day without its year, unless that is another one than this year."""
    return day_word(language, day) if day.year != today.year else format_date(day, text(language, "d MMM"), locale="en")


def month_word(language: Language, month: date) -> str:
    """Return a month as text: Jan 2026, 2026年1月."""
    return format_date(month, text(language, "MMM y"), locale="en")
