"""Words several screens share for stored values."""

from core.facts import Badge
from core.language import Language
from core.language.labels import label


def badge_words(language: Language) -> dict[str, str]:
    """Return the word of every badge by its stored value."""
    return {badge.value: label(language, badge) for badge in Badge}
