"""Self-checks: the one of this month, those before, and what the records say beside them."""

from datetime import date

from core.self_check.checks import SelfCheck
from core.self_check.comparison import BranchRecord
from core.self_check.rules import self_check_rules
from db import self_checks as rows
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached


@cached
def checks(ask: Ask, branch_id: int) -> tuple[SelfCheck, ...]:
    """Return the latest self-checks of a branch, the newest first; drafts for the branch head only."""
    limit = self_check_rules().limits.trend_checks
    with reading(ask.store_url) as session:
        return tuple(rows.checks_of_branch(session, actor=ask.actor, branch_id=branch_id, limit=limit))


@cached
def record(ask: Ask, branch_id: int, as_of: date) -> BranchRecord:
    """Return what the records said about a branch on a day."""
    with reading(ask.store_url) as session:
        return rows.branch_record(session, actor=ask.actor, branch_id=branch_id, as_of=as_of)


def answer(ask: Ask, branch_id: int, question_key: str, value: int, *, shown_version: int) -> SelfCheck:
    """Store one answer; refusals as `db.self_checks.save_answer`."""
    with writing(ask.store_url) as session:
        return rows.save_answer(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            question_key=question_key,
            value=value,
            shown_version=shown_version,
            today=ask.today,
        )


def finish(ask: Ask, branch_id: int, *, need: str, shown_version: int, key: str) -> bool:
    """End the check of this month; refusals as `db.self_checks.finish_check`."""
    with writing(ask.store_url) as session:
        rows.finish_check(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            need=need,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True
