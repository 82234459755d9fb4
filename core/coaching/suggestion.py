"""What to do at a branch now: at most five actions, each with the fact that speaks for it.

First what answers an open warning or missing contacts, then basic steps of the stage not yet
done, then upkeep. An action rests for its interval after it was taken on, done or dismissed,
unless it was done and missed its measure the last time; one that expired was neither done nor refused and comes back.
A reason with an open action is being answered: it brings nothing more. The order of the inputs plays no role.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from core.calendar import week_start_of
from core.coaching.actions import reason_code
from core.coaching.playbook import USUAL_PAUSE_DAYS, Action
from core.facts import Badge, StaffRole, Stage, SuggestionState

MOST_A_WEEK = 5
MOST_FOR_ONE_SIGN = 2
"""One warning fills at most two places, so that the list stays a mix (our assumption)."""

BY_BADGE = "badge"
BY_GAP = "contact_gap"
BY_STAGE = "stage_basic"
BY_UPKEEP = "upkeep"
BY_FAILURE = "measure_missed"
BY_DECISION = "review_decision"
"""Nothing suggests it: people decided it in the weekly review."""
BY_DIAGNOSIS = "gap_diagnosis"
"""Nothing suggests it: people named the cause of a gap, and this action answers it."""
BY_MISS = "plan_miss"
"""Nothing suggests it: people named the cause of a miss in a week plan, and this action answers it."""

BY_HAND = "stage_by_hand"
"""Fact of a reason: the stage was set by hand, and an action of that stage is suggested."""

USES_A_PLACE = frozenset({SuggestionState.TAKEN, SuggestionState.DISMISSED})
"""What people decided this week counts towards the five."""

BADGES_WITHOUT_ACTION = frozenset({Badge.PROVISIONAL})
"""The last 15 days are still provisional for everybody: nothing to coach."""


@dataclass(frozen=True)
class CadenceGap:
    """A role whose contacts of the last complete week stayed below the target."""

    role: StaffRole
    actual: int
    target_min: int


@dataclass(frozen=True)
class PastAction:
    """A decision about an action at this branch: `on` is the day of the last one, `reason_code` what it answers."""

    action_key: str
    state: SuggestionState
    on: date
    measure_met: bool | None = None
    reason_code: str | None = None


@dataclass(frozen=True)
class CoachingCase:
    """What is known about a branch on a day.

    `stage_since` is the Monday of the first week in the stage; where `is_by_hand` people set the
    stage over the computed one, in that week. `roles_in_post` None = no staff recorded, which is
    taken to mean that every post is filled.
    """

    as_of: date
    stage: Stage
    stage_since: date
    badges: Collection[Badge] = ()
    gaps: Collection[CadenceGap] = ()
    roles_in_post: Collection[StaffRole] | None = None
    past: Collection[PastAction] = ()
    is_by_hand: bool = False

    @property
    def weeks_in_stage(self) -> int:
        """Complete weeks since the stage began."""
        return max((week_start_of(self.as_of) - self.stage_since).days // 7, 0)


@dataclass(frozen=True)
class Suggestion:
    """An action that fits now. `facts` are the numbers of the reason's sentence, plain values only."""

    action: Action
    reason_key: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason_code(self) -> str:
        """What the action answers here; a branch has one open action for it."""
        return reason_code(self.action.key, self.facts)


def suggestions(playbook: Iterable[Action], case: CoachingCase) -> tuple[Suggestion, ...]:
    """Return what fits the branch, strongest reason first, at most five a week with those decided."""
    week_start = week_start_of(case.as_of)
    decided = sum(past.on >= week_start and past.state in USES_A_PLACE for past in case.past)
    places = max(MOST_A_WEEK - decided, 0)
    ranked = sorted(
        (found for action in playbook if _is_possible(action, case) for found in [_best_reason(action, case)] if found),
        key=lambda found: (found[0], found[1].action.number, found[1].action.key),
    )
    chosen: list[Suggestion] = []
    signs: dict[object, int] = {}
    for rank, suggestion in ranked:
        sign = suggestion.facts.get("badge") or suggestion.facts.get("role")
        if rank[0] == 0 and sign is not None:
            if signs.get(sign, 0) == MOST_FOR_ONE_SIGN:
                continue
            signs[sign] = signs.get(sign, 0) + 1
        chosen.append(_saying_by_hand(suggestion, case))
    return tuple(chosen[:places])


def _saying_by_hand(suggestion: Suggestion, case: CoachingCase) -> Suggestion:
    if not case.is_by_hand or case.stage not in suggestion.action.stages:
        return suggestion
    return replace(suggestion, facts={**suggestion.facts, BY_HAND: case.stage.value})


def _is_possible(action: Action, case: CoachingCase) -> bool:
    if action.is_off or action.valid_from > case.as_of:
        return False
    needed = set(action.bank_roles)
    if case.roles_in_post is not None and needed and not needed & set(case.roles_in_post):
        return False
    last = _last_done(action, case)
    return not any(
        _rests(action, past, case) for past in case.past if past.state is not SuggestionState.DONE or past is last
    )


def _last_done(action: Action, case: CoachingCase) -> PastAction | None:
    """Return how an action was done last; of two on one day the one that did not miss its measure."""
    done = [past for past in case.past if past.action_key == action.key and past.state is SuggestionState.DONE]
    return max(done, key=lambda past: (past.on, past.measure_met is not False), default=None)


def _rests(action: Action, past: PastAction, case: CoachingCase) -> bool:
    if past.action_key != action.key or past.state is SuggestionState.EXPIRED:
        return False
    if past.state is SuggestionState.TAKEN:
        return True
    if past.state is SuggestionState.DONE:
        if past.measure_met is False:
            return False
        if action.pause_days is None:
            return past.on >= case.stage_since or _is_within(past.on, USUAL_PAUSE_DAYS, case.as_of)
    return _is_within(past.on, action.pause_days or USUAL_PAUSE_DAYS, case.as_of)


def _is_within(on: date, days: int, as_of: date) -> bool:
    return as_of - on < timedelta(days=days)


def _best_reason(action: Action, case: CoachingCase) -> tuple[tuple[int, int, int], Suggestion] | None:
    """Return the rank (group, own stage first, strength within) and the strongest reason, if any."""
    at_home = case.stage in action.stages
    away = 0 if at_home or action.needs_badge else 1
    last = _last_done(action, case)
    if last is not None and last.measure_met is False and at_home:
        return (0, away, -1), Suggestion(action, BY_FAILURE, {"on": last.on.isoformat()})
    answered = {past.reason_code for past in case.past if past.state is SuggestionState.TAKEN}
    badges = [
        badge
        for badge in Badge
        if badge in case.badges and badge in action.badges and f"badge:{badge.value}" not in answered
    ]
    if badges and badges[0] not in BADGES_WITHOUT_ACTION:
        place = list(Badge).index(badges[0])
        return (0, away, place), Suggestion(action, BY_BADGE, {"badge": badges[0].value})
    if action.needs_badge or not at_home or case.weeks_in_stage < action.from_week:
        return None
    gaps = sorted(
        (gap for gap in case.gaps if gap.role in action.gap_roles and f"role:{gap.role.value}" not in answered),
        key=lambda gap: list(StaffRole).index(gap.role),
    )
    if gaps:
        facts = {"role": gaps[0].role.value, "actual": gaps[0].actual, "target_min": gaps[0].target_min}
        return (0, away, len(Badge) + list(StaffRole).index(gaps[0].role)), Suggestion(action, BY_GAP, facts)
    if last is not None:
        return (2, away, 0), Suggestion(action, BY_UPKEEP, {"on": last.on.isoformat(), "stage": case.stage.value})
    facts = {"stage": case.stage.value, "weeks": case.weeks_in_stage}
    return (1, away, 0), Suggestion(action, BY_STAGE, facts)
