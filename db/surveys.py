"""Branch surveys: the survey of a branch as of any saved state, and saving a part of it.

A saved state is a new row and never changes. What a branch head must not see - competitors, hidden
fields, notes of the surveyor - is left out here and reaches no screen.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor, BranchStatus, UserRole
from core.survey.fields import Confidence, Method, is_shown_to_head, survey_fields
from core.survey.parts import (
    Answer,
    PartEntry,
    Source,
    SurveyPart,
    audited_answers,
    audited_own_sources,
    audited_source,
    audited_state,
    changes,
    checked_answers,
)
from db.access import branch_in_scope, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, lock_branch, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import StaffRow, SurveyAnswerRow, SurveyVersionRow, UserRow

Version = SurveyVersionRow
SUBJECT = "survey_version"


@dataclass(frozen=True)
class SavedState:
    """One saved state, for choosing; `number` 0 does not exist."""

    number: int
    section: str
    surveyed_on: date
    saved_on: date
    saved_by: str | None


def saved_states(session: Session, *, actor: Actor, branch_id: int) -> tuple[SavedState, ...]:
    """Return the saved states of a branch's survey, the latest first; none outside the actor's scope."""
    query = (
        select(Version.number, Version.section, Version.surveyed_on, Version.saved_on, UserRow.display_name)
        .outerjoin(UserRow, UserRow.id == Version.saved_by)
        .where(Version.branch_id == branch_id, Version.section.in_(sections_seen(actor)))
        .order_by(Version.number.desc())
    )
    return tuple(SavedState(*row) for row in session.execute(scoped(query, actor, Version.branch_id)))


def survey_of(session: Session, *, actor: Actor, branch_id: int, number: int | None = None) -> dict[str, SurveyPart]:
    """Return the parts of a branch's survey by section as of a saved state, None = the latest.

    Empty outside the actor's scope. A branch head gets neither competitors nor hidden answers nor notes.
    """
    latest = latest_numbers(actor, branch_ids=[branch_id], number=number).subquery()
    query = (
        select(Version, UserRow.display_name)
        .join(latest, (latest.c.branch_id == Version.branch_id) & (latest.c.number == Version.number))
        .outerjoin(UserRow, UserRow.id == Version.saved_by)
    )
    rows = session.execute(scoped(query, actor, Version.branch_id)).all()
    answers: dict[int, dict[str, Answer]] = {row.id: {} for row, _ in rows}
    if rows:
        given = select(SurveyAnswerRow).where(SurveyAnswerRow.version_id.in_(answers))
        for answer in session.scalars(given):
            if _may_see(actor, answer.field_key, answer.value):
                answers[answer.version_id][answer.field_key] = _answer(answer, actor)
    found = {
        row.section: SurveyPart(row.number, row.section, _source(row, actor), row.saved_on, name, answers[row.id])
        for row, name in rows
    }
    return {one.key: found[one.key] for one in survey_fields().sections if one.key in found}


def latest_numbers(
    actor: Actor,
    *,
    branch_ids: Collection[int] | None = None,
    number: int | None = None,
    as_of: date | None = None,
) -> Select[Any, Any, Any]:
    """Return the query for branch, section and number of the latest state of each part the actor sees; not scoped."""
    query = select(Version.branch_id, Version.section, func.max(Version.number).label("number")).where(
        Version.section.in_(sections_seen(actor))
    )
    if branch_ids is not None:
        query = query.where(Version.branch_id.in_(branch_ids))
    if number is not None:
        query = query.where(Version.number <= number)
    if as_of is not None:
        query = query.where(Version.saved_on <= as_of)
    return query.group_by(Version.branch_id, Version.section)


def staff_codes(session: Session, *, actor: Actor, branch_id: int) -> tuple[str, ...]:
    """Return the staff codes of a branch, in or out of post, by code; none outside the actor's scope."""
    query = select(StaffRow.staff_code).where(StaffRow.branch_id == branch_id).order_by(StaffRow.staff_code)
    return tuple(session.scalars(scoped(query, actor, StaffRow.branch_id)))


def save_part(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    entry: PartEntry,
    shown_version: int,
    today: date,
    key: str,
) -> int:
    """Save a part of a branch's survey as its new state, and return the number of that state.

    Args:
        session: the writing transaction.
        actor: whoever looks after the branch.
        branch_id: the branch, re-checked against the scope.
        entry: the part as filled in.
        shown_version: number of the state of this part that was shown, 0 where there was none.
        today: the day in Shanghai.
        key: write key of the form.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: an answer or a source that may not be stored; the branch is closed.
        ChangedByOtherError: the part was saved by somebody else since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    lock_branch(session, branch.id)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return int(first.get("number", 0))
    if branch.status == BranchStatus.CLOSED:
        raise RefusedError([Problem(ProblemKey.CLOSED, "branch")])
    if survey_fields().section(entry.section) is None:
        raise RefusedError([Problem(ProblemKey.NOT_A_CHOICE, "section", {"value": entry.section})])
    before = survey_of(session, actor=actor, branch_id=branch.id).get(entry.section)
    number = before.number if before else 0
    stands = select(Version.id).where(Version.branch_id == branch.id, Version.number == number)
    check_version(
        session,
        shown=shown_version,
        stored=number,
        current=audited_state(before) if before else {},
        subject=SUBJECT,
        subject_ids=session.scalars(stands).all(),
    )
    codes = staff_codes(session, actor=actor, branch_id=branch.id)
    answers, problems = checked_answers(entry, before=before, today=today, codes=codes)
    if problems:
        raise RefusedError(problems)
    highest = session.scalar(select(func.max(Version.number)).where(Version.branch_id == branch.id)) or 0
    row = Version(
        branch_id=branch.id,
        number=highest + 1,
        section=entry.section,
        surveyed_on=entry.source.surveyed_on,
        methods=",".join(entry.source.methods),
        confidence=entry.source.confidence,
        note=_note(entry.source),
        saved_on=today,
        saved_at=utc_now(),
        saved_by=account_of(actor),
    )
    session.add(row)
    session.flush()
    session.add_all(_answer_row(row.id, key, answer, entry.source) for key, answer in answers.items())
    session.flush()
    after = SurveyPart(row.number, entry.section, entry.source, today, None, answers)
    changed = [one.key for one in changes(before, after, survey_fields().of_section(entry.section))]
    record_audit(
        session,
        actor=actor,
        action="survey",
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=branch.id,
        before={
            "number": before.number,
            **audited_source(before.source),
            **audited_answers(before.answers, changed),
            **audited_own_sources(before, entry),
        }
        if before
        else None,
        after={
            "branch": branch.branch_code,
            "section": entry.section,
            "number": row.number,
            **audited_source(after.source),
            **({"confirms_unchanged": entry.confirms_unchanged} if before else {}),
            **audited_answers(after.answers, changed),
            **audited_own_sources(after, entry),
        },
    )
    keep_result(session, key=key, actor=actor, result={"number": row.number})
    return row.number


def _note(source: Source) -> str | None:
    return (source.note or "").strip() or None


def _answer_row(version_id: int, key: str, answer: Answer, of_part: Source) -> SurveyAnswerRow:
    own = answer.source if answer.source != of_part else None
    return SurveyAnswerRow(
        version_id=version_id,
        field_key=key,
        value=answer.value,
        is_unknown=answer.is_unknown,
        is_filled=answer.is_filled,
        surveyed_on=(own or of_part).surveyed_on,
        methods=",".join(own.methods) if own else None,
        confidence=own.confidence if own else None,
        note=_note(own) if own else None,
    )


def sections_seen(actor: Actor) -> list[str]:
    """Return the keys of the sections an actor sees, in their order."""
    return [one.key for one in survey_fields().sections_for(for_head=actor.role is UserRole.BRANCH_HEAD)]


def _may_see(actor: Actor, field_key: str, value: Any) -> bool:
    asked = survey_fields().field(field_key)
    if asked is None:
        return False
    return actor.role is not UserRole.BRANCH_HEAD or is_shown_to_head(asked, value)


def _source(row: SurveyVersionRow, actor: Actor) -> Source:
    note = None if actor.role is UserRole.BRANCH_HEAD else row.note
    return Source(_methods(row.methods), row.surveyed_on, Confidence(row.confidence), note)


def _answer(row: SurveyAnswerRow, actor: Actor) -> Answer:
    if row.confidence is None or row.methods is None:
        return Answer(row.value, row.is_unknown)
    note = None if actor.role is UserRole.BRANCH_HEAD else row.note
    return Answer(
        row.value,
        row.is_unknown,
        Source(_methods(row.methods), row.surveyed_on, Confidence(row.confidence), note),
    )


def _methods(stored: str) -> tuple[Method, ...]:
    return tuple(Method(word) for word in stored.split(",") if word)
