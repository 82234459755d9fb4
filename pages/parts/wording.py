"""Words several screens share for stored values."""

from core.facts import Badge
from core.language import Language, text
from core.language.labels import label
from core.stages.review import ReviewState


def badge_words(language: Language) -> dict[str, str]:
    """Return the word of every badge by its stored value."""
    return {badge.value: label(language, badge) for badge in Badge}


REVIEW_WORDS = {
    ReviewState.PROPOSED: "Proposed",
    ReviewState.CONFIRMED: "Confirmed",
    ReviewState.OVERRIDDEN: "Manual override",
}


def review_words(language: Language) -> dict[str, str]:
    """Return the word of how a stage stands, by its value."""
    return {state.value: text(language, REVIEW_WORDS[state]) for state in ReviewState}
