"""Stages of all branches under other numbers, worked out and kept nowhere: what an administrator sees before saving."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.facts import Actor, UserRole
from core.stages.limits import RuleValue, StageLimits, changed_limits, limits_on
from core.stages.trial import last_weeks
from db.access import require_role
from db.stage_facts import last_week, stage_facts
from db.stage_rules import stage_rules


@dataclass(frozen=True)
class TrialPaths:
    """Stages over the last weeks: (branch, week) as numbers of `core.stages.model.STAGES`, -1 = none."""

    branch_ids: NDArray[np.int64]
    week_start: date
    stage: NDArray[np.int8]


def rules_now(session: Session, *, today: date) -> StageLimits:
    """Return the numbers that hold in the present week; rules are the same for everybody."""
    return limits_on(week_start_of(today), stage_rules(session))


def find_trial_paths(session: Session, *, actor: Actor, values: Sequence[RuleValue], today: date) -> TrialPaths | None:
    """Return the stages as if the present numbers, with some other values, had held all along; None without data.

    Raises:
        NotAllowedError: the actor is no administrator.
    """
    require_role(actor, UserRole.ADMIN)
    week_start = last_week(session, as_of=today)
    facts = None if week_start is None else stage_facts(session, week_start=week_start)
    if facts is None:
        return None
    limits = changed_limits(rules_now(session, today=today), values)
    history = replace(facts, rules=(limits,)).history
    return TrialPaths(facts.branch_ids, facts.last_week, last_weeks(history.stage))
