"""Words several screens share for stored values."""

from core.facts import Badge, Branch
from core.language import Language, text
from core.language.labels import label
from core.stages.review import ReviewState
from pages.parts.session import current
from pages.parts.store.filters import supervisor_names


def badge_words(language: Language) -> dict[str, str]:
    """Return the word of every badge by its stored value."""
    return {badge.value: label(language, badge) for badge in Badge}


def supervisor_words() -> dict[str, str]:
    """Return what the supervisors in scope are called, by user name; those without an account are not in it."""
    return supervisor_names(current())


def supervisor_word(username: str | None) -> str | None:
    """Return what a supervisor is called: the name, else the user name the files give."""
    return supervisor_words().get(username, username) if username else None


def place_words(branch: Branch) -> str:
    """Return where a branch belongs and who looks after it, on one line."""
    parts = (branch.bank, branch.region, branch.city, supervisor_word(branch.supervisor))
    return " · ".join(part for part in parts if part)


REVIEW_WORDS = {
    ReviewState.PROPOSED: "Proposed",
    ReviewState.CONFIRMED: "Confirmed",
    ReviewState.OVERRIDDEN: "Manual override",
}


def review_words(language: Language) -> dict[str, str]:
    """Return the word of how a stage stands, by its value."""
    return {state.value: text(language, REVIEW_WORDS[state]) for state in ReviewState}
