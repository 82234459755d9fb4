"""Self-checks: the one in hand, those finished, and what the records say beside them."""

from datetime import date

from core.self_check.checks import SelfCheck
from core.self_check.comparison import BranchRecord
from core.self_check.rules import self_check_rules
from db import self_check_changes as changes
from db import self_checks as rows
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached


@cached
def checks(ask: Ask, branch_id: int) -> tuple[SelfCheck, ...]:
    """Return the latest finished self-checks of a branch, the newest first."""
    limit = self_check_rules().limits.trend_checks
    with reading(ask.store_url) as session:
        return tuple(rows.checks_of_branch(session, actor=ask.actor, branch_id=branch_id, limit=limit))


@cached
def checks_in_hand(ask: Ask, branch_id: int) -> tuple[SelfCheck, ...]:
    """Return the self-checks of this month and the last as the branch head fills them in; none for anybody else."""
    with reading(ask.store_url) as session:
        return tuple(rows.checks_in_hand(session, actor=ask.actor, branch_id=branch_id, today=ask.today))


@cached
def record(ask: Ask, branch_id: int, as_of: date) -> BranchRecord:
    """Return what the records said about a branch on a day."""
    with reading(ask.store_url) as session:
        return rows.branch_record(session, actor=ask.actor, branch_id=branch_id, as_of=as_of)


def answer(
    ask: Ask, branch_id: int, question_key: str, value: int, *, month_start: date, shown_version: int
) -> SelfCheck:
    """Store one answer; refusals as `db.self_check_changes.save_answer`."""
    with writing(ask.store_url) as session:
        return changes.save_answer(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            question_key=question_key,
            value=value,
            shown_version=shown_version,
            today=ask.today,
            month_start=month_start,
        )


def keep_need(ask: Ask, branch_id: int, need: str, *, month_start: date, shown_version: int) -> SelfCheck:
    """Store the free line; refusals as `db.self_check_changes.save_need`."""
    with writing(ask.store_url) as session:
        return changes.save_need(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            need=need,
            shown_version=shown_version,
            today=ask.today,
            month_start=month_start,
        )


def finish(ask: Ask, branch_id: int, *, month_start: date, shown_version: int, key: str) -> bool:
    """End the check of a month; refusals as `db.self_check_changes.finish_check`."""
    with writing(ask.store_url) as session:
        changes.finish_check(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            shown_version=shown_version,
            today=ask.today,
            key=key,
            month_start=month_start,
        )
    return True
