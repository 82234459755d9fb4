"""What one reads about a branch before going there: on one A4 page, the visit's own list at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.charts.theme import stage_word
from core.coaching.action_words import action_words
from core.coaching.badge_words import badge_reason
from core.coaching.reason_words import reason_sentence
from core.coaching.suggestion import Suggestion
from core.facts import Badge, Branch, StaffRole, Stage
from core.kpis.definitions import kpi_definition
from core.kpis.words import figure_text
from core.language import Language, text
from core.language.days import day_word
from core.language.labels import label
from core.reports.a4 import Bar, Part
from core.review.figures import Indicator
from core.self_check.comparison import Difference
from core.stages.explanation import reason_text
from core.survey.completeness import SurveyStanding
from core.survey.fields import survey_fields

SHEET_WEEKS = 26
NAMED_EVERY = 4
"""Weeks from one name under the columns to the next: more do not stand beside each other."""
MOST_BADGES, MOST_CONTACTS, MOST_OPEN, MOST_DIFFERENCES, MOST_SUGGESTED = 3, 6, 5, 3, 3
MOST_WORDS = 60
"""Characters of a typed text: what leaves room for everything else on the page."""
MOST_DECIDED = 110
"""Characters of a decision of a review, which is all there is to say what to do."""


@dataclass(frozen=True)
class Standing:
    """The stage of a branch and why; `by_hand` is the one somebody set in its place, until a day."""

    stage: Stage
    since: date
    reason_key: str
    facts: Mapping[str, object]
    badges: tuple[Badge, ...]
    by_hand: Stage | None = None
    by_hand_until: date | None = None


@dataclass(frozen=True)
class ContactDue:
    """Contacts of a role this week: due, made, and the last one there was, with what was agreed for the next."""

    role: StaffRole
    due: int
    done: int
    last_on: date | None
    next_step: str | None


@dataclass(frozen=True)
class OpenAction:
    """An action somebody took on here; the facts of a decision of a review hold its words."""

    action_key: str
    due_on: date | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenCommitment:
    """What somebody of the branch promised, and until when."""

    will: str
    role: StaffRole
    due_on: date


@dataclass(frozen=True)
class BranchSheet:
    """The facts of the page. `weeks` are Mondays with their net policies, the oldest first."""

    branch: Branch
    as_of: date
    standing: Standing | None
    weeks: tuple[tuple[date, int], ...]
    contacts: tuple[ContactDue, ...]
    actions: tuple[OpenAction, ...]
    commitments: tuple[OpenCommitment, ...]
    indicators: tuple[Indicator, ...]
    differences: tuple[Difference, ...]
    survey: SurveyStanding
    suggestions: tuple[Suggestion, ...]


def sheet_parts(sheet: BranchSheet, language: Language, titles: Mapping[str, str]) -> list[Part]:
    """Return the parts of the page; `titles` are the names of the playbook's actions by key."""
    nothing = text(language, "Nothing.")
    open_lines = _open_lines(sheet, language, titles)
    lags = [_indicator(one, language) for one in sheet.indicators]
    parts = [
        Part(text(language, "Where it stands"), lines=_standing(sheet, language)),
        Part(
            text(language, "Net policies by week, last {weeks} weeks", weeks=SHEET_WEEKS),
            bars=_bars(sheet),
            lines=() if sheet.weeks else [nothing],
        ),
        _contacts(sheet, language, nothing),
        Part(text(language, "Open actions and promises"), numbered=open_lines, lines=() if open_lines else [nothing]),
        Part(text(language, "What lags its target most"), lines=[" · ".join(lags) or nothing]),
    ]
    told = [one.sentence(language) for one in sheet.differences[:MOST_DIFFERENCES]]
    if told:
        parts.append(Part(text(language, "Self-check and records differ"), lines=told))
    if sheet.survey.parts:
        parts.append(Part(text(language, "Branch file"), lines=[_survey(sheet.survey, language)]))
    doing = visit_list(sheet, language, titles)
    parts.append(Part(text(language, "At this visit"), numbered=doing, lines=() if doing else [nothing]))
    return parts


def visit_list(sheet: BranchSheet, language: Language, titles: Mapping[str, str]) -> list[str]:
    """Return what to do at the visit: what was promised first, then who is owed a contact, then what we advise."""
    between = "、" if language == "zh" else ", "
    due = [one for one in sheet.commitments if one.due_on <= sheet.as_of]
    lines = [text(language, "Ask what became of: {promise}", promise=_cut(one.will)) for one in due[:2]]
    owed = [label(language, one.role) for one in sheet.contacts if one.done < one.due]
    if owed:
        lines.append(text(language, "Speak with: {roles}", roles=between.join(owed)))
    pending = [one for one in sheet.actions if one.due_on is not None and one.due_on <= sheet.as_of]
    for one in pending[:1]:
        lines.append(text(language, "Bring to an end: {action}", action=_action(one, language, titles)))
    lines += [
        text(
            language,
            "{action}: {reason}",
            action=one.action.title(language),
            reason=reason_sentence(language, one.reason_key, one.facts),
        )
        for one in sheet.suggestions[:MOST_SUGGESTED]
    ]
    if sheet.survey.due:
        lines.append(
            text(language, "Ask for the branch file: {parts}", parts=between.join(_sections(sheet.survey, language)))
        )
    return lines


def _standing(sheet: BranchSheet, language: Language) -> list[str]:
    if sheet.standing is None:
        return [text(language, "No stage is known yet.")]
    one = sheet.standing
    since = text(language, "since {day}", day=day_word(language, one.since))
    by_hand = []
    if one.by_hand and one.by_hand_until:
        words = {"stage": stage_word(language, one.by_hand), "day": day_word(language, one.by_hand_until)}
        by_hand.append(text(language, "Set by hand: {stage}, until {day}", **words))
    badges = [badge_reason(language, badge) for badge in one.badges[:MOST_BADGES]]
    return [
        f"{stage_word(language, one.stage)} · {since}",
        *by_hand,
        reason_text(language, one.reason_key, one.facts),
        *badges,
    ]


def _bars(sheet: BranchSheet) -> list[Bar]:
    last = len(sheet.weeks) - 1
    return [
        Bar(f"{week:%m-%d}" if (last - place) % NAMED_EVERY == 0 else "", policies)
        for place, (week, policies) in enumerate(sheet.weeks)
    ]


def _contacts(sheet: BranchSheet, language: Language, nothing: str) -> Part:
    head = (
        text(language, "Role"),
        text(language, "Made / due this week"),
        text(language, "Last contact"),
        text(language, "Next step"),
    )
    rows = [
        (
            label(language, one.role),
            f"{one.done} / {one.due}",
            day_word(language, one.last_on) if one.last_on else text(language, "never"),
            _cut(one.next_step) if one.next_step else "–",
        )
        for one in sheet.contacts[:MOST_CONTACTS]
    ]
    title = text(language, "Contacts: made and due")
    return Part(title, head=head, rows=rows, is_told=True, lines=() if rows else [nothing])


def _open_lines(sheet: BranchSheet, language: Language, titles: Mapping[str, str]) -> list[str]:
    lines = [
        text(
            language,
            "{action}, until {day}",
            action=_action(one, language, titles),
            day=day_word(language, one.due_on) if one.due_on else "–",
        )
        for one in sheet.actions
    ]
    lines += [
        text(
            language,
            "{what} · {role}, until {day}",
            what=_cut(one.will),
            role=label(language, one.role),
            day=day_word(language, one.due_on),
        )
        for one in sheet.commitments
    ]
    if len(lines) <= MOST_OPEN:
        return lines
    more = text(language, "and {count} more", count=len(lines) - MOST_OPEN + 1)
    return [*lines[: MOST_OPEN - 1], more]


def _action(one: OpenAction, language: Language, titles: Mapping[str, str]) -> str:
    return _cut(action_words(language, one.action_key, one.facts, titles), MOST_DECIDED)


def _indicator(one: Indicator, language: Language) -> str:
    kpi = kpi_definition(one.kpi)
    return text(
        language,
        "{kpi} {value} of {target}",
        kpi=kpi.words(language).title,
        value=figure_text(one.value, kpi, language),
        target=figure_text(one.target, kpi, language),
    )


def _survey(survey: SurveyStanding, language: Language) -> str:
    words = [text(language, "{share} complete", share=f"{survey.completeness:.0%}")]
    due = _sections(survey, language)
    if due:
        words.append(text(language, "due: {parts}", parts=("、" if language == "zh" else ", ").join(due)))
    return " · ".join(words)


def _sections(survey: SurveyStanding, language: Language) -> list[str]:
    return [one.words.said(language) for one in survey_fields().sections if one.key in survey.due]


def _cut(words: str, most: int = MOST_WORDS) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
