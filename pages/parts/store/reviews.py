"""Stages confirmed and set by hand: what was decided, what waits, and the changes people make."""

from datetime import date, timedelta

import pyarrow as pa

from core.facts import Stage
from core.portfolio import BranchFilter
from core.stages.restated import with_branches
from core.stages.review import StageDecision
from core.stages.review_limits import review_limits_on
from core.stages.review_table import Moves, new_proposals, overrides_ended, overrides_now
from db import stage_reviews as rows
from db.engine import reading, writing
from db.stage_history import stage_moves
from db.stage_restatements import restated_weeks, restatement_notes
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import branches_shown, data_reach, decisions, stages


@cached
def branch_decisions(ask: Ask, branch_id: int) -> tuple[StageDecision, ...]:
    """Return all decisions about a branch, latest first."""
    with reading(ask.store_url) as session:
        return rows.decisions_of(session, actor=ask.actor, branch_id=branch_id, as_of=ask.today)


@cached
def proposals(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the new stages nobody confirmed, as `core.stages.review_table.new_proposals`."""
    return new_proposals(branches_shown(ask, chosen), stages(ask), decisions(ask), _moves(ask), day=ask.today)


@cached
def in_force(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the overrides in force, as `core.stages.review_table.overrides_now`."""
    return overrides_now(branches_shown(ask, chosen), decisions(ask), day=ask.today)


@cached
def ended(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the overrides that ended lately, as `core.stages.review_table.overrides_ended`."""
    return overrides_ended(branches_shown(ask, chosen), decisions(ask), day=ask.today)


@cached
def restated(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the weeks that show another stage than at the time, as `db.stage_restatements.restated_weeks`."""
    with reading(ask.store_url) as session:
        return with_branches(restated_weeks(session, actor=ask.actor), branches_shown(ask, chosen))


@cached
def notes(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return every later change of a week's stage, as `db.stage_restatements.restatement_notes`."""
    with reading(ask.store_url) as session:
        return with_branches(restatement_notes(session, actor=ask.actor), branches_shown(ask, chosen))


@cached
def _moves(ask: Ask) -> Moves:
    """Return the changes of stage in the weeks whose proposals are new."""
    week = data_reach(ask).last_week
    found: dict[tuple[int, date], str] = {}
    if week is None:
        return found
    with reading(ask.store_url) as session:
        for number in range(review_limits_on(ask.today).proposal_new_weeks):
            start = week - timedelta(weeks=number)
            moved = stage_moves(session, actor=ask.actor, week_start=start)
            found |= {(branch_id, start): before for branch_id, before in moved[["branch_id", "before"]].to_numpy()}
    return found


def confirm(ask: Ask, branch_id: int, *, shown_stage: Stage, shown_version: int, key: str) -> bool:
    """Confirm a computed stage; refusals as `db.stage_reviews.confirm_stage`."""
    with writing(ask.store_url) as session:
        rows.confirm_stage(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            shown_stage=shown_stage,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


def override(
    ask: Ask,
    branch_id: int,
    *,
    stage: Stage | None,
    reason: str,
    end_on: date,
    shown_stage: Stage,
    shown_version: int,
    key: str,
) -> bool:
    """Set a stage by hand, None = nothing chosen; refusals as `db.stage_reviews.override_stage`."""
    with writing(ask.store_url) as session:
        rows.override_stage(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            stage=stage,
            reason=reason,
            end_on=end_on,
            shown_stage=shown_stage,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


def renew(ask: Ask, branch_id: int, *, reason: str, end_on: date, shown_version: int, key: str) -> bool:
    """Renew an override; refusals as `db.stage_reviews.renew_override`."""
    with writing(ask.store_url) as session:
        rows.renew_override(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            reason=reason,
            end_on=end_on,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


def withdraw(ask: Ask, branch_id: int, *, reason: str, shown_version: int, key: str) -> bool:
    """Take an override back; refusals as `db.stage_reviews.withdraw_override`."""
    with writing(ask.store_url) as session:
        rows.withdraw_override(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            reason=reason,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True
