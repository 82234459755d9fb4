"""What a line of Today says: about whom or what, why it is there, how long it has been."""

from datetime import date

from core.cadence.owed import Absence
from core.charts.theme import stage_word
from core.coaching.actions import DECISION_ACTION, BranchAction
from core.coaching.badge_words import badge_reason
from core.coaching.contacts import topic_word
from core.facts import Badge
from core.kpis.definitions import kpi_definition
from core.language import Language, text
from core.language.days import day_word, month_word, near_day_word
from core.language.labels import label
from core.notes.handover import Handover, HandoverKind
from core.planning.diagnosis_words import gap_sentence
from core.planning.items import PlanItem, PlanKind, PlanLine
from core.planning.words import event_word
from core.review.words import topic_title
from core.self_check.checks import SelfCheck
from core.today.lines import Thing, TodayLine, weeks_of

DAYS_TOLD = 10
"""Up to so many working days are counted in days, more in weeks."""


def line_subject(language: Language, line: TodayLine, titles: dict[str, str]) -> str:
    """Return whom or what the line is about; `titles` are those of the actions by key."""
    if line.role:
        return label(language, line.role)
    match line.thing:
        case Thing.ACTION | Thing.EXPIRED:
            action: BranchAction = line.facts["action"]
            return titles.get(action.action_key, action.action_key)
        case Thing.STAGE_CHANGE:
            after = line.facts["after"]
            return stage_word(language, after) if after else "–"
        case Thing.WARNING:
            return label(language, Badge(line.subject))
        case Thing.SELF_CHECK:
            return month_word(language, date.fromisoformat(line.subject))
        case Thing.HANDOVER:
            return _handed_word(language, line.facts["change"])
        case Thing.DECISION:
            return topic_title(language, line.facts["decision"].topic)
        case Thing.DIAGNOSIS:
            return kpi_definition(line.facts["diagnosis"].gap.kpi).words(language).title
        case _:
            return _planned_word(language, line.item, titles)


def _planned_word(language: Language, item: PlanItem | None, titles: dict[str, str]) -> str:
    if item is None:
        return "–"
    line = item.line
    if line.event_kind:
        return event_word(language, line.event_kind)
    return titles.get(line.action_key or "", line.action_key or "–")


def line_reason(language: Language, line: TodayLine, *, today: date) -> str:
    """Return why the line is there, as a sentence."""
    if line.item is not None and line.is_only_planned:
        return _plan_reason(language, line.item)
    planned = _also_planned(language, line, today=today)
    return ("" if language == "zh" else " ").join(words for words in (_own_reason(language, line), planned) if words)


def _own_reason(language: Language, line: TodayLine) -> str:
    match line.thing:
        case Thing.CONTACT:
            return _contact_reason(language, line)
        case Thing.ACTION:
            return _action_reason(language, line)
        case Thing.EXPIRED:
            return _expired_reason(language, line)
        case Thing.PROMISE:
            words = line.facts["note"].entry.will
            return text(language, "“{words}” Promised until {day}.", words=words, day=_day(language, line.due_on))
        case Thing.STAGE_CHANGE:
            before, after = line.facts["before"], line.facts["after"]
            return text(
                language,
                "From {before} to {after} since the week from {day}.",
                before=label(language, before) if before else "–",
                after=label(language, after) if after else "–",
                day=_day(language, date.fromisoformat(line.subject)),
            )
        case Thing.WARNING:
            return badge_reason(language, Badge(line.subject))
        case Thing.SELF_CHECK:
            return _check_reason(language, line)
        case Thing.PLAN:
            return "–"
        case Thing.POST:
            return _post_reason(language, line)
        case Thing.DECISION:
            words = line.facts["decision"].words
            return text(language, "“{words}” Due on {day}.", words=words, day=_day(language, line.due_on))
        case Thing.DIAGNOSIS:
            gap = gap_sentence(language, line.facts["diagnosis"].gap)
            return text(language, "To be reviewed from {day} on. {gap}", day=_day(language, line.due_on), gap=gap)
        case Thing.HANDOVER:
            before, after = (who or "–" for who in line.facts["change"].words)
            return text(
                language,
                "{before} → {after} since {day}; nobody has confirmed that he took the branch over.",
                before=before,
                after=after,
                day=_day(language, line.due_on),
            )


def _post_reason(language: Language, line: TodayLine) -> str:
    if line.due_on:
        return text(language, "Nobody has held this post since {day}.", day=_day(language, line.due_on))
    return text(language, "Nobody is on record in this post.")


def _handed_word(language: Language, change: Handover) -> str:
    """Return who of a branch changed."""
    if change.kind is HandoverKind.SUPERVISOR:
        return text(language, "New supervisor")
    return text(language, "New branch head")


def _owner(action: BranchAction) -> str:
    return action.owner_name or action.owner or "–"


def _expired_reason(language: Language, line: TodayLine) -> str:
    action: BranchAction = line.facts["action"]
    day, owner = _day(language, line.due_on), _owner(action)
    if action.ended_with_branch:
        return text(language, "It ended with the branch, closed on {day}; owner: {owner}.", day=day, owner=owner)
    return text(language, "It expired on {day} and was not closed; owner: {owner}.", day=day, owner=owner)


def _action_reason(language: Language, line: TodayLine) -> str:
    action: BranchAction = line.facts["action"]
    day, owner = _day(language, line.due_on), _owner(action)
    words = action.facts.get("words")
    if action.action_key == DECISION_ACTION and words:
        return text(language, "“{words}” Due on {day}; owner: {owner}.", words=words, day=day, owner=owner)
    return text(language, "Due on {day}; owner: {owner}.", day=day, owner=owner)


def _also_planned(language: Language, line: TodayLine, *, today: date) -> str:
    """Return that a line which is here anyway was planned too, how and about what; "" where it was not."""
    if line.item is not None:
        what = _planned_what(language, line.item.line, line.item.times_carried)
        day = _day(language, line.item.line.day or line.waits_since)
        if line.waits_since is not None and line.waits_since < today:
            said = text(language, "Planned for {day} and not done.", day=day)
        else:
            said = text(language, "Planned for {day}.", day=day)
    elif line.planned is not None:
        what = _planned_what(language, line.planned, 0)
        said = text(language, "Planned for {day}.", day=_day(language, line.planned.day))
    else:
        return ""
    return f"{said} {what}".strip()


def _planned_what(language: Language, line: PlanLine, times_carried: int) -> str:
    words = [line.text or ""]
    if line.kind is PlanKind.CONTACT:
        words = [label(language, line.method) if line.method else "", topic_word(language, line.topic), *words]
    if times_carried:
        words.append(text(language, "missed {times}× before", times=times_carried))
    return " · ".join(word for word in words if word)


def _plan_reason(language: Language, item: PlanItem) -> str:
    """Return for which day it was planned, how and about what, and how often it was missed before."""
    line, what = item.line, _planned_what(language, item.line, item.times_carried)
    if line.day is None:
        said = text(language, "Planned for some day of this week")
        return text(language, "{head}: {words}", head=said, words=what) if what else said
    if not what:
        return text(language, "Planned for {day}", day=_day(language, line.day))
    return text(language, "Planned for {day}: {what}.", day=_day(language, line.day), what=what)


def short_reason(language: Language, line: TodayLine, *, today: date) -> str:
    """Return why the line is there in two or three words, for a column; `line_reason` says it in full."""
    if line.item is not None and line.is_only_planned:
        day = line.item.line.day
        return text(language, "Due {day}", day=_near_day(language, day, today)) if day else text(language, "This week")
    match line.thing:
        case Thing.CONTACT if line.facts["absence"] is Absence.NOT_LOGGED:
            return text(language, "Nothing logged")
        case Thing.CONTACT if line.last_on is None:
            return text(language, "Never reached")
        case Thing.CONTACT:
            return text(language, "Last {day}", day=_near_day(language, line.last_on, today))
        case Thing.ACTION | Thing.DECISION | Thing.DIAGNOSIS | Thing.PROMISE:
            return text(language, "Due {day}", day=_near_day(language, line.due_on, today))
        case Thing.STAGE_CHANGE if line.facts["before"]:
            return text(language, "Was {stage}", stage=label(language, line.facts["before"]))
        case Thing.SELF_CHECK:
            finished_on = line.facts["check"].finished_on
            return text(language, "Sent {day}", day=_near_day(language, finished_on, today))
        case Thing.POST if line.due_on is None:
            return text(language, "Not on record")
        case _:
            return text(language, "Since {day}", day=_near_day(language, line.due_on, today))


def _near_day(language: Language, day: date | None, today: date) -> str:
    return near_day_word(language, day, today) if day else "–"


def _check_reason(language: Language, line: TodayLine) -> str:
    check: SelfCheck = line.facts["check"]
    day = _day(language, check.finished_on)
    if check.need:
        return text(language, "The branch head finished the self-check on {day}: “{need}”", day=day, need=check.need)
    return text(language, "The branch head finished the self-check on {day}.", day=day)


def _contact_reason(language: Language, line: TodayLine) -> str:
    due = _day(language, line.due_on)
    last = _day(language, line.last_on)
    absence: Absence | None = line.facts["absence"]
    if line.last_on is None:
        words = {
            None: text(language, "Never reached; the first contact is due now."),
            Absence.NOT_REACHED: text(language, "Never reached; the first contact was due on {day}.", day=due),
            Absence.NOT_LOGGED: text(
                language, "Not logged: in most weeks since it was due ({day}) nothing at all was logged.", day=due
            ),
        }[absence]
    else:
        words = {
            None: text(language, "Due now; last contact on {last}.", last=last),
            Absence.NOT_REACHED: text(
                language, "Not reached: last contact on {last}, the next was due on {day}.", last=last, day=due
            ),
            Absence.NOT_LOGGED: text(
                language,
                "Not logged: in most weeks since it was due ({day}) nothing at all was logged; last on record {last}.",
                last=last,
                day=due,
            ),
        }[absence]
    people = line.facts["people"]
    if people <= 1:
        return words
    several = text(language, "{people} people wait.", people=people)
    return words + several if language == "zh" else f"{words} {several}"


def line_age(language: Language, line: TodayLine, *, today: date) -> str:
    """Return how long the line has been there: working days, or weeks where it is long."""
    if line.due_on is not None and line.due_on > today:
        return text(language, "not due yet")
    if line.workdays <= 0:
        return text(language, "today")
    weeks = weeks_of(line.workdays, line.due_on, today)
    if line.workdays > DAYS_TOLD and weeks > 1:
        return text(language, "{weeks} weeks", weeks=weeks)
    if line.workdays == 1:
        return text(language, "1 working day")
    return text(language, "{days} working days", days=line.workdays)


def short_age(language: Language, line: TodayLine, *, today: date) -> str:
    """Return how long the line has been there in as few letters as a column has room for."""
    if line.due_on is not None and line.due_on > today:
        return text(language, "not due")
    if line.workdays <= 0:
        return text(language, "today")
    weeks = weeks_of(line.workdays, line.due_on, today)
    if line.workdays > DAYS_TOLD and weeks > 1:
        return text(language, "{weeks} weeks", weeks=weeks)
    return text(language, "1 day") if line.workdays == 1 else text(language, "{days} days", days=line.workdays)


def line_marks(language: Language, line: TodayLine) -> str:
    """Return what else to know: new since the last visit, branch suspended, planned for a day, laid aside before."""
    marks = []
    if line.is_new:
        marks.append(text(language, "New"))
    if line.is_suspended:
        marks.append(text(language, "Branch suspended"))
    if line.item is not None and not line.is_only_planned:
        marks.append(text(language, "Planned for {day}", day=_day(language, line.item.line.day or line.waits_since)))
    elif line.planned is not None:
        marks.append(text(language, "Planned for {day}", day=_day(language, line.planned.day)))
    if line.snoozes:
        marks.append(text(language, "Laid aside {times}×", times=line.snoozes))
    return ("、" if language == "zh" else ", ").join(marks)


def _day(language: Language, day: date | None) -> str:
    return day_word(language, day) if day else "–"
