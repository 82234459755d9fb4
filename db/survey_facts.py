"""What completeness and age of the surveys follow from: filled fields, oldest answers, changes of people.

All branches in scope in two queries; the rules are in `core/survey/completeness.py`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from core.facts import Actor, BranchStatus, StaffRole, UserRole
from core.size_tiers import SELLER_ROLES
from core.survey.completeness import FACT_COLUMNS
from core.survey.fields import survey_fields
from db.access import scoped
from db.engine import plain_rows
from db.models import BranchRow, StaffRow, SurveyAnswerRow
from db.models import SurveyVersionRow as Version
from db.surveys import latest_numbers, sections_seen


def survey_facts(
    session: Session, *, actor: Actor, as_of: date, branch_ids: Collection[int] | None = None
) -> pd.DataFrame:
    """Return what completeness and age follow from, as `core.survey.completeness` describes it.

    One row for each branch in scope that is not closed (or for those asked for) and each section the
    actor sees, in the order of the branch codes and sections.
    """
    sections = sections_seen(actor)
    chosen = select(BranchRow.id).where(BranchRow.status != BranchStatus.CLOSED).order_by(BranchRow.branch_code)
    if branch_ids is not None:
        chosen = chosen.where(BranchRow.id.in_(branch_ids))
    found = [row[0] for row in plain_rows(session, scoped(chosen, actor, BranchRow.id))]
    index = pd.MultiIndex.from_product([found, sections], names=["branch_id", "section"])
    query = _part_facts(actor, as_of=as_of, branch_ids=branch_ids)
    facts = _framed(plain_rows(session, query), ["number", "surveyed_on", "filled", *_oldest_names()], index)
    people = _framed(
        plain_rows(session, _people_facts(actor, as_of=as_of, branch_ids=branch_ids)), list(FACT_COLUMNS), index
    )
    both = facts.join(people).reset_index()
    days = ["surveyed_on", *_oldest_names()]
    both[days] = both[days].apply(pd.to_datetime)
    counts = ["number", "filled", *FACT_COLUMNS]
    both[counts] = both[counts].apply(pd.to_numeric).fillna(0).astype("int64")
    return both


def _framed(rows: Sequence[Any], columns: list[str], index: pd.MultiIndex) -> pd.DataFrame:
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["branch_id", "section", *columns])
    return frame.set_index(["branch_id", "section"]).reindex(index)


def _oldest_names() -> list[str]:
    return [f"oldest_{period}" for period in survey_fields().periods]


def _part_facts(actor: Actor, *, as_of: date, branch_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    is_head = actor.role is UserRole.BRANCH_HEAD
    fields = survey_fields()
    seen = [one for one in fields.fields if not (is_head and one.is_hidden)]
    required = [one.key for one in fields.counted(for_head=is_head)]
    latest = latest_numbers(actor, branch_ids=branch_ids, as_of=as_of).subquery()
    answer = SurveyAnswerRow
    oldest = [
        func.min(case((answer.field_key.in_([one.key for one in seen if one.review == period]), answer.surveyed_on)))
        for period in fields.periods
    ]
    filled = func.sum(case((and_(answer.is_filled, answer.field_key.in_(required)), 1), else_=0))
    query = (
        select(Version.branch_id, Version.section, Version.number, Version.surveyed_on, filled, *oldest)
        .join(latest, (latest.c.branch_id == Version.branch_id) & (latest.c.number == Version.number))
        .outerjoin(answer, answer.version_id == Version.id)
        .group_by(Version.branch_id, Version.section, Version.number, Version.surveyed_on)
    )
    return scoped(query, actor, Version.branch_id)


def _people_facts(actor: Actor, *, as_of: date, branch_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    """Return the changes among head, retail head and sellers since each latest part that depends on people."""
    latest = latest_numbers(actor, branch_ids=branch_ids, as_of=as_of).subquery()
    was, is_now = _in_post_on(Version.surveyed_on), _in_post_on(as_of)
    left, joined = and_(was, not_(is_now)), and_(is_now, not_(was))
    sells = StaffRow.role.in_(SELLER_ROLES)

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    query = (
        select(
            Version.branch_id,
            Version.section,
            count(and_(StaffRow.role == StaffRole.BRANCH_HEAD, or_(left, joined))),
            count(and_(StaffRow.role == StaffRole.RETAIL_HEAD, or_(left, joined))),
            count(and_(sells, was)),
            count(and_(sells, left)),
            count(and_(sells, joined)),
        )
        .join(latest, (latest.c.branch_id == Version.branch_id) & (latest.c.number == Version.number))
        .join(StaffRow, StaffRow.branch_id == Version.branch_id)
        .where(Version.section.in_([one.key for one in survey_fields().sections if one.due_on_changes]))
        .group_by(Version.branch_id, Version.section)
    )
    return scoped(query, actor, Version.branch_id)


def _in_post_on(day: Any) -> ColumnElement[bool]:
    return and_(
        or_(StaffRow.joined_on.is_(None), StaffRow.joined_on <= day),
        or_(StaffRow.left_on.is_(None), StaffRow.left_on >= day),
    )
