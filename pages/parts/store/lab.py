"""The threshold lab: other numbers tried on all branches and on simulated ones, and the versions that were stored."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from core.limit_rows import LimitRow, Name
from core.simulation import Scores
from core.simulation.trials import BRANCHES as SIMULATED_BRANCHES
from core.simulation.trials import trial_scores
from core.stages.limits import RuleValue, StageLimits, changed_limits, limits_numbers, limits_table
from core.stages.model import STAGES
from core.stages.rule_check import checked_values
from core.stages.trial import Difference, difference
from db import stage_rules as rule_rows
from db import stage_trials as trials
from db.branches import branches_in_scope
from db.engine import reading, writing
from db.stage_rules import StoredVersion
from db.stage_trials import TrialPaths
from pages.parts.store.base import Ask, cached

__all__ = ["SIMULATED_BRANCHES", "Scores", "StoredVersion"]

Values = tuple[RuleValue, ...]


@cached
def rules_now(ask: Ask) -> StageLimits:
    """Return the numbers that hold in the present week."""
    with reading(ask.store_url) as session:
        return trials.rules_now(session, today=ask.today)


@cached
def numbers_now(ask: Ask) -> dict[Name, float]:
    """Return each number that holds in the present week, by subject and key."""
    return limits_numbers(rules_now(ask))


@cached
def stage_limit_rows(ask: Ask) -> tuple[LimitRow, ...]:
    """Return every number of the stage engine, stored ones after the shipped one."""
    with reading(ask.store_url) as session:
        return tuple(limits_table(rule_rows.stage_rules(session)))


@cached
def versions(ask: Ask) -> tuple[StoredVersion, ...]:
    """Return all versions with their authors, latest start first; for administrators."""
    with reading(ask.store_url) as session:
        return tuple(rule_rows.stored_versions(session, actor=ask.actor))


@cached
def rules_state(ask: Ask) -> int:
    """Return a number that rises with every version stored or withdrawn."""
    with reading(ask.store_url) as session:
        return rule_rows.rules_state(session)


def checked(ask: Ask, values: Sequence[RuleValue]) -> Values:
    """Return the values that differ from the present rules, with shares that give way.

    Raises:
        RulesRefusedError: they cannot stand.
    """
    return checked_values(values, rules_now(ask))


@cached
def _paths(ask: Ask, values: Values) -> TrialPaths | None:
    with reading(ask.store_url) as session:
        return trials.find_trial_paths(session, actor=ask.actor, values=values, today=ask.today)


@cached
def find_trial(ask: Ask, values: Values) -> tuple[Difference, pa.Table] | None:
    """Return what would change, and the branches that would stand elsewhere; None where no branch has a stage.

    One row per branch by code: branch_code, branch_name, before, after (stages), supervisor, bank, region.
    """
    before, after = _paths(ask, ()), _paths(ask, values)
    if before is None or after is None:
        return None
    found = difference(before.stage, after.stage)
    moved = pa.table(
        {
            "branch_id": pa.array(before.branch_ids[found.moved], pa.int64()),
            "before": pa.array([STAGES[one].value for one in before.stage[found.moved, -1]], pa.string()),
            "after": pa.array([STAGES[one].value for one in after.stage[found.moved, -1]], pa.string()),
        }
    )
    with reading(ask.store_url) as session:
        names = branches_in_scope(session, actor=ask.actor, as_of=ask.today)
    shown = (
        names.filter(pc.is_in(names["branch_id"], moved["branch_id"])).join(moved, "branch_id").sort_by("branch_code")
    )
    return found, shown


@cached
def simulated_scores(ask: Ask, values: Values, profile: str) -> Scores:
    """Return how the present rules, with some other values, do on simulated branches of a profile."""
    return trial_scores(changed_limits(rules_now(ask), values), profile)


def add_version(ask: Ask, values: Values, *, valid_from: date, note: str, shown_state: int, key: str) -> bool:
    """Store a version; refusals as `db.stage_rules.add_stage_rules`."""
    with writing(ask.store_url) as session:
        rule_rows.add_stage_rules(
            session,
            actor=ask.actor,
            values=values,
            valid_from=valid_from,
            note=note,
            shown_state=shown_state,
            today=ask.today,
            write_key=key,
        )
    return True


def withdraw_version(ask: Ask, version: StoredVersion, *, key: str) -> bool:
    """Withdraw a version as it was shown; refusals as `db.stage_rules.withdraw_stage_rules`."""
    with writing(ask.store_url) as session:
        rule_rows.withdraw_stage_rules(
            session,
            actor=ask.actor,
            version_id=version.version_id,
            shown_version=version.version,
            today=ask.today,
            write_key=key,
        )
    return True
