"""A review in a few lines of plain text, worst first, to paste into WeCom or DingTalk.

What is behind comes first, ordered by the share that is missing (of a target, of contacts due, of decisions, of
branches); then what was decided, the branches to look at, what went well, and the week to come. No line holds
Markdown, and the whole stays under the limit of the stricter of the two.
"""

import unicodedata
from collections.abc import Iterator
from itertools import islice

from core.calendar import SHANGHAI
from core.facts import StaffRole
from core.language import bracketed, text
from core.language.labels import label
from core.reports.pack.actions import effect_words, next_week_sentence, worst_first
from core.reports.pack.branches import indicator_words, weak_weeks, whole_share
from core.reports.pack.goals import card_days, gap_sentence
from core.reports.pack.telling import Telling, days_word
from core.review.figures import DecisionState, ReviewFigures, Topic
from core.review.meeting import ReviewShown
from core.review.standing import furthest_behind, lag, reached, wanted

MOST_LINES = 14
MOST_BYTES = 2048
"""Bytes of UTF-8 in one text message of a WeCom robot; DingTalk takes more."""
MOST_LINE_BYTES = 300
MOST_WORDS = 70
"""Characters of a decision, so that its owner and day stand on the line as well."""
JUDGED = frozenset({Topic.DECIDED, Topic.GOALS, Topic.MOVES, Topic.CADENCE, Topic.WEAKEST})
"""Topics in which something may be behind; with one of them left out nobody can say that nothing is."""
MOST_BEHIND, MOST_KPIS, MOST_BRANCHES, MOST_WELL = 6, 3, 3, 1
MOST_BEHIND_WITH_DECISIONS, MOST_DECIDED = 4, 3
"""What was decided is what the readers have to do: it takes the room of what is behind least."""
BEHIND, DECIDED, LOOK_AT, WELL, NEXT = "▼", "●", "◆", "▲", "→"
BETWEEN = " · "
"""Between things that are unlike."""


def digest_text(shown: ReviewShown, told: Telling) -> str:
    """Return the digest as one text."""
    kept: list[str] = []
    for line in digest_lines(shown, told):
        if len("\n".join([*kept, line]).encode()) > MOST_BYTES:
            break
        kept.append(line)
    return "\n".join(kept)


def held_words(shown: ReviewShown, told: Telling) -> tuple[str, ...]:
    """Return of which review the figures are and how many were corrected since; nothing where none was held."""
    if shown.meeting is None:
        return ()
    if shown.meeting.ended_at is None:
        return (text(told.language, "As shown in the review that is being held."),)
    day = told.day(shown.meeting.ended_at.astimezone(SHANGHAI).date())
    if not shown.corrections:
        return (text(told.language, "As shown in the review that ended on {day}.", day=day),)
    return (
        text(
            told.language,
            "As shown in the review that ended on {day}; figures corrected since: {count}.",
            day=day,
            count=len(shown.corrections),
        ),
    )


def digest_lines(shown: ReviewShown, told: Telling) -> list[str]:
    """Return the lines of the digest, at most fourteen; the first says of what and when it is."""
    figures = shown.figures
    head = text(
        told.language,
        "Weekly review, week from {week}: {scope}. Data up to {day}.",
        week=f"{figures.week_start}",
        scope=told.scope(figures.scope),
        day=f"{figures.data_to}" if figures.data_to else "–",
    )
    behind = [line for _, line in sorted(_behind(figures, told), key=lambda one: -one[0])]
    decided = [f"{DECIDED} {line}" for line in _decided(figures, told)]
    lines = [f"{BEHIND} {line}" for line in behind[: MOST_BEHIND_WITH_DECISIONS if decided else MOST_BEHIND]]
    if not lines and shown.topics >= JUDGED:
        lines = [_without_trouble(figures, told)]
    lines += decided
    lines += [f"{LOOK_AT} {line}" for line in _branches(figures, told)]
    lines += [f"{WELL} {line}" for line in islice(_well(figures, told), MOST_WELL)]
    if figures.next_week:
        lines.append(f"{NEXT} {next_week_sentence(figures.next_week, told)}")
    return [_plain(line) for line in [head, *held_words(shown, told), *lines][:MOST_LINES]]


def _without_trouble(figures: ReviewFigures, told: Telling) -> str:
    """Return that nothing is behind, or that nothing is known that could be."""
    weakest, cadence = figures.weakest, figures.cadence
    known = (
        any(lag(card) is not None for card in figures.goals or ()),
        weakest is not None and (weakest.whole is not None or bool(weakest.branches)),
        any(line.due for line in (cadence.by_role if cadence else ())),
        bool(figures.decided),
        any(one.now for one in (figures.stages.counts if figures.stages else ())),
    )
    if any(known):
        return text(told.language, "Nothing is behind this week.")
    return text(told.language, "Nothing can be judged yet: no target with a figure, no contact due, no stage.")


def _decided(figures: ReviewFigures, told: Telling) -> Iterator[str]:
    for one in (figures.decisions or ())[:MOST_DECIDED]:
        day = text(told.language, "due {day}", day=f"{one.due_on:%m-%d}")
        yield BETWEEN.join((_shortened(one.words), one.owner, day))


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1].rstrip() + "…"


def _behind(figures: ReviewFigures, told: Telling) -> Iterator[tuple[float, str]]:
    language = told.language
    for missing, card in furthest_behind(figures.goals or ())[:MOST_KPIS]:
        yield (
            missing,
            text(
                language,
                "{kpi}: {value}, {reached} of the target where {wanted} should be reached",
                kpi=told.kpi(card.kpi) + bracketed(language, days_word(*card_days(card))),
                value=told.figure(card, card.value),
                reached=f"{reached(card) or 0:.0%}",
                wanted=f"{wanted(card):.0%}",
            ),
        )
    split = figures.weakest.whole if figures.weakest else None
    if split and split.gap_fen < 0 < split.target_fen:
        days = days_word(split.start, split.end) if split.start and split.end else ""
        sentence = gap_sentence(split, told)
        yield -split.gap_fen / split.target_fen, BETWEEN.join(part for part in (days, sentence) if part)
    lines = [line for line in (figures.cadence.by_role if figures.cadence else ()) if line.due]
    share = whole_share(tuple(lines))
    if share is not None and share < 1:
        worst = min(lines, key=lambda line: line.done / line.due)
        yield (
            1 - share,
            text(
                language,
                "Contacts of the week: {share} of those due were made; fewest with: {role}, {least}",
                share=f"{share:.0%}",
                role=label(language, StaffRole(worst.key)),
                least=f"{worst.done / worst.due:.0%}",
            ),
        )
    decided = worst_first(figures.decided or ())
    overdue = [one for one in decided if one.state is DecisionState.OVERDUE]
    if overdue:
        yield (
            len(overdue) / len(decided),
            text(
                language,
                "Decisions overdue: {overdue} of {all}, the oldest since {day}",
                overdue=len(overdue),
                all=len(decided),
                day=f"{overdue[0].due_on}",
            ),
        )
    branches = sum(one.now for one in figures.stages.counts) if figures.stages else 0
    if figures.moves and figures.moves.down and branches:
        yield (
            figures.moves.down / branches,
            text(language, "Branches down a stage: {down} of {all}", down=figures.moves.down, all=f"{branches:,}"),
        )


def _branches(figures: ReviewFigures, told: Telling) -> Iterator[str]:
    for one in (figures.weakest.branches if figures.weakest else ())[:MOST_BRANCHES]:
        words = [one.branch_name, label(told.language, one.stage)]
        weeks = text(told.language, "{weeks} weeks", weeks=weak_weeks(figures))
        words += [indicator_words(each, told) + bracketed(told.language, weeks) for each in one.indicators[:1]]
        yield BETWEEN.join(words)


def _well(figures: ReviewFigures, told: Telling) -> Iterator[str]:
    parts = []
    if figures.moves and figures.moves.up:
        parts.append(text(told.language, "Branches up a stage: {up}", up=figures.moves.up))
    good = next((one for one in (figures.worked.effects if figures.worked else ()) if one.change), None)
    if good and good.change and good.change.low > 0:
        parts.append(
            text(
                told.language,
                "{action}: policies {change} against matched branches",
                action=told.action(good.action_key),
                change=effect_words(good)[0],
            )
        )
    yield from parts


def _plain(line: str) -> str:
    """Return a line without breaks and control characters, cut to its limit."""
    words = " ".join("".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in line).split())
    if len(words.encode()) <= MOST_LINE_BYTES:
        return words
    return words.encode()[: MOST_LINE_BYTES - 3].decode(errors="ignore").rstrip() + "…"
