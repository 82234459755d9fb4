"""Words of the week plan in two languages: kinds, states, standing, and a line as one phrase."""

from collections.abc import Mapping
from decimal import Decimal

from core.coaching.contacts import topic_word
from core.coaching.dismissals import OTHER, dismissal_word
from core.language import Language, text
from core.language.days import day_word
from core.language.labels import label
from core.planning.causes import CauseGroup
from core.planning.check import ItemState, SettledBy, Settlement
from core.planning.items import ChangeKind, EventKind, GoalMeasure, ItemOrigin, PlanKind, PlanLine
from core.planning.summary import PlanStanding

KIND_LABELS: dict[PlanKind, str] = {
    PlanKind.GOAL: "Goal",
    PlanKind.CONTACT: "Contact",
    PlanKind.ACTION: "Coaching action",
    PlanKind.EVENT: "Event",
}

STATE_LABELS: dict[ItemState, str] = {
    ItemState.OPEN: "Open",
    ItemState.DONE: "Done",
    ItemState.TICKED: "Ticked",
    ItemState.LATE: "Overdue",
    ItemState.MISSED: "Missed",
    ItemState.DROPPED: "Dropped",
    ItemState.NO_DATA: "Data missing",
    ItemState.SETTLED: "Settled",
}

STATE_SIGNS: dict[ItemState, str] = {
    ItemState.OPEN: "○",
    ItemState.DONE: "✓",
    ItemState.TICKED: "✓",
    ItemState.LATE: "!",
    ItemState.MISSED: "✗",
    ItemState.DROPPED: "–",
    ItemState.NO_DATA: "?",
    ItemState.SETTLED: "–",
}

SETTLED_LABELS: dict[SettledBy, str] = {
    SettledBy.DISMISSED: "Action dismissed on {day}",
    SettledBy.EXPIRED: "Action expired on {day}",
    SettledBy.BRANCH_RESTS: "Branch suspended or closed",
    SettledBy.HANDED_OVER: "Taken over into another plan on {day}",
    SettledBy.NO_WORKING_DAY: "No working day in the week",
}

EVENT_LABELS: dict[EventKind, str] = {
    EventKind.MICRO_SALON: "Micro-salon",
    EventKind.SCENE_EVENT: "Themed event",
    EventKind.APPRECIATION_EVENT: "Client appreciation event",
    EventKind.POLICY_REVIEW: "Policy check-up",
    EventKind.PRIVATE_ROUNDTABLE: "Private roundtable",
    EventKind.MONTHLY_PROJECT: "Monthly project",
    EventKind.SHARING_SESSION: "Sharing session",
    EventKind.RECOGNITION: "Recognition of results",
}

MEASURE_LABELS: dict[GoalMeasure, str] = {
    GoalMeasure.POLICIES: "Net policies",
    GoalMeasure.PREMIUM: "Net premium",
}

ORIGIN_LABELS: dict[ItemOrigin, str] = {
    ItemOrigin.BY_HAND: "By hand",
    ItemOrigin.TODAY: "From Today",
    ItemOrigin.TARGET: "Month target",
    ItemOrigin.OPEN_ACTION: "Open action",
    ItemOrigin.CARRIED: "Carried over",
    ItemOrigin.ADJUSTMENT: "Earlier adjustment",
}

CHANGE_LABELS: dict[ChangeKind, str] = {
    ChangeKind.ADDED: "Added",
    ChangeKind.CHANGED: "Changed",
    ChangeKind.DROPPED: "Dropped",
}

STANDING_LABELS: dict[PlanStanding, str] = {
    PlanStanding.MISSING: "No plan",
    PlanStanding.DRAFT: "Draft",
    PlanStanding.LOCKED: "Locked",
    PlanStanding.APPROVED: "Approved",
    PlanStanding.CHANGED: "Changed since approval",
}

GROUP_LABELS: dict[CauseGroup, str] = {
    CauseGroup.SKILL: "Skill",
    CauseGroup.WILL: "Will",
    CauseGroup.RELATION: "Relationship",
    CauseGroup.ACTIVITY: "Activity",
    CauseGroup.CUSTOMER: "Customers",
    CauseGroup.PRODUCT: "Products",
    CauseGroup.PROCESS: "Process",
    CauseGroup.OUTSIDE: "From outside",
    CauseGroup.DATA: "Data",
}


def kind_word(language: Language, kind: PlanKind) -> str:
    """Return the word for a kind of line."""
    return text(language, KIND_LABELS[kind])


def state_word(language: Language, state: ItemState) -> str:
    """Return sign and word of a state."""
    return f"{STATE_SIGNS[state]} {text(language, STATE_LABELS[state])}"


def settled_word(language: Language, one: Settlement) -> str:
    """Return what settled a line, when, and the reason that was kept with it."""
    words = [text(language, SETTLED_LABELS[one.by], day=day_word(language, one.on))]
    if one.by is SettledBy.DISMISSED and one.reason and one.reason != OTHER:
        words.append(dismissal_word(language, one.reason))
    return " · ".join([*words, *([one.words] if one.words else [])])


def event_word(language: Language, kind: EventKind) -> str:
    """Return the word for a kind of event."""
    return text(language, EVENT_LABELS[kind])


def measure_word(language: Language, measure: GoalMeasure) -> str:
    """Return what a goal counts."""
    return text(language, MEASURE_LABELS[measure])


def origin_word(language: Language, origin: ItemOrigin) -> str:
    """Return where a line came from."""
    return text(language, ORIGIN_LABELS[origin])


def change_word(language: Language, kind: ChangeKind) -> str:
    """Return what was changed."""
    return text(language, CHANGE_LABELS[kind])


def standing_word(language: Language, standing: PlanStanding) -> str:
    """Return how a plan stands."""
    return text(language, STANDING_LABELS[standing])


def group_word(language: Language, group: CauseGroup) -> str:
    """Return where a cause lies."""
    return text(language, GROUP_LABELS[group])


def number_word(number: Decimal | None) -> str:
    """Return a goal or fact with at most two decimals; nothing is a dash."""
    if number is None:
        return "–"
    rounded = number.quantize(Decimal("0.01"))
    return f"{rounded.normalize():,f}" if rounded else "0"


def line_words(language: Language, line: PlanLine, titles: Mapping[str, str]) -> str:
    """Return what a line plans, without branch and day: whom and about what, which action, which event.

    `titles` are the names of the playbook's actions by key; an action taken out of it shows its key.
    """
    match line.kind:
        case PlanKind.GOAL:
            goal = f"{measure_word(language, line.measure)} {number_word(line.goal)}" if line.measure else ""
            words = [goal, text(language, "{gap} of it from last week", gap=number_word(line.gap)) if line.gap else ""]
        case PlanKind.CONTACT:
            words = [
                label(language, line.role) if line.role else "",
                label(language, line.method) if line.method else "",
                topic_word(language, line.topic),
            ]
        case PlanKind.ACTION:
            words = [titles.get(line.action_key or "", line.action_key or "")]
        case PlanKind.EVENT:
            words = [event_word(language, line.event_kind) if line.event_kind else "", line.topic or ""]
    return " · ".join(word for word in [*words, line.text or ""] if word)
