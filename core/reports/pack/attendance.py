"""Who led a review and who was present: rank and number, or by name where the pack names persons."""

from collections.abc import Sequence

from core.language import text
from core.reports.pack.fit import fitted
from core.reports.pack.form import INNER, SENTENCE_LINES, SENTENCE_SIZE
from core.reports.pack.telling import Telling, joined
from core.review.meeting import Meeting, ReviewShown


def with_present(sentence: str, meeting: Meeting, told: Telling) -> str:
    """Return the sentence of a page with who was present: as many as its frame holds, and how many more."""
    people, words = _people(meeting), sentence
    for most in range(len(people) + 1):
        longer = joined(told.language, sentence, _present(told, meeting.chair, people, most))
        if fitted(longer, SENTENCE_SIZE, INNER, SENTENCE_LINES) != longer:
            break
        words = longer
    return words


def present_lines(shown: ReviewShown, told: Telling) -> tuple[str, ...]:
    """Return who was present, all of them; nothing where no review was held."""
    if shown.meeting is None:
        return ()
    people = _people(shown.meeting)
    return (_present(told, shown.meeting.chair, people, len(people)),)


def _people(meeting: Meeting) -> list[str]:
    return [*meeting.present, *meeting.guests]


def _present(told: Telling, chair: str, people: Sequence[str], most: int) -> str:
    said = list(people[:most])
    if most < len(people):
        said.append(text(told.language, "{count} others", count=len(people) - most))
    if not said:
        return text(told.language, "Chair: {chair}.", chair=chair)
    return text(told.language, "Chair: {chair}. Present: {people}.", chair=chair, people=told.listed(said))
