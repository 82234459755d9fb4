"""A small world with an inside and an outside for every role, and every public question and change of `db/`."""

import dataclasses
import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

import db
from core.facts import Actor, RestatementCause, Stage, SuggestionState, UserRole
from core.review.meeting import kept_text
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError
from db.changes import record_audit, utc_now
from db.models import (
    BranchRow,
    BranchStatusRow,
    BranchTotalRow,
    CoachingNoteRow,
    DailyFeedbackRow,
    GapDiagnosisActionRow,
    GapDiagnosisCauseRow,
    GapDiagnosisRow,
    ImportBatchRow,
    OfficialTotalRow,
    OrgUnitRow,
    PlanItemChangeRow,
    PlanItemRow,
    ReviewAttendanceRow,
    ReviewDecisionRow,
    ReviewMeetingRow,
    ReviewPackRow,
    SelfCheckAnswerRow,
    SelfCheckRow,
    SnoozeRow,
    StaffRow,
    StageDecisionRow,
    StageRestatementRow,
    StageShownRow,
    StageWeekRow,
    SuggestionRow,
    SurveyAnswerRow,
    SurveySheetRow,
    SurveyVersionRow,
    UserRow,
    WarningSinceRow,
    WeekPlanRow,
)
from db.rollups import rebuild_rollups
from db.stage_history import recompute_stages
from tests.builders import (
    ADMIN,
    add_branch,
    add_contact,
    add_event,
    add_policy,
    add_staff,
    add_unit,
    head_of,
    manager_of,
    supervisor,
)
from tests.review_records import decision, figures

TODAY = date(2026, 3, 18)
WEEK = date(2026, 3, 9)
FIRST = date(2025, 9, 1)
LAST_DAY = date(2026, 3, 17)
"""Every branch has data up to here: how far the store's data reach is the same for everybody."""
DONE_ON = date(2025, 12, 15)
INSIDE, TEAM, REGION, OUTSIDE = 101, 102, 103, 9001
"""Keys: seen by all; not by the branch head; by manager and administrator; by the administrator only."""
NOBODYS = 424_242
BATCH = 5
"""An import the administrator made."""


@dataclass(frozen=True)
class World:
    """The actors by role and the keys of what each branch holds."""

    actors: Mapping[UserRole, Actor]
    staff: Mapping[int, int]
    suggestions: Mapping[int, int]
    notes: Mapping[int, int]
    contacts: Mapping[int, int]
    snoozes: Mapping[int, int]
    plan_items: Mapping[int, int]
    events: Mapping[int, int]
    meetings: Mapping[int, int]
    decisions: Mapping[int, int]

    def unseen_by(self, role: UserRole) -> tuple[int, ...]:
        """Return the branches outside the scope of a role."""
        seen = {UserRole.ADMIN: 4, UserRole.MANAGER: 3, UserRole.SUPERVISOR: 2, UserRole.BRANCH_HEAD: 1}[role]
        return (INSIDE, TEAM, REGION, OUTSIDE)[seen:]


def owner_of(branch_id: int) -> str:
    """Return the supervisor of a branch; a branch that does not exist has one nobody knows."""
    return {INSIDE: "li", TEAM: "li", REGION: "wu", OUTSIDE: mark(OUTSIDE)}.get(branch_id, "nobody")


def mark(branch_id: int) -> str:
    """The word that stands in every text of a branch, so that it is found wherever it leaks."""
    return f"MARK{branch_id}"


def written(branch_id: int) -> str:
    """What the field staff wrote for themselves about a branch: a branch head reads none of it."""
    return f"WRITTEN {mark(branch_id)}"


PLACES = {
    INSIDE: ("东区分公司/云州中支", "li"),
    TEAM: ("东区分公司/云州中支", "li"),
    REGION: ("东区分公司/澜州中支", "wu"),
    OUTSIDE: ("东区分公司北/溪陵中支", mark(OUTSIDE)),  # a path that begins like the manager's
}


def make_world(session: Session) -> World:
    """Fill an empty store."""
    staff, suggestions, notes, contacts, snoozes, plan_items, events = {}, {}, {}, {}, {}, {}, {}
    for branch_id, (region, owner) in PLACES.items():
        add_unit(session, region)
        branch = add_branch(
            session,
            mark(branch_id),
            id=branch_id,
            region=region,
            supervisor=owner,
            bank=f"银行{branch_id}",
            city=f"城{mark(branch_id)}",
            cooperation_start=FIRST,
        )
        person = add_staff(session, branch, f"S{mark(branch_id)}", id=branch_id * 10)
        add_staff(session, branch, f"H{mark(branch_id)}", id=branch_id * 10 + 1, role="branch_head")
        staff[branch_id] = person.id
        for number in range(26):
            day = FIRST + timedelta(weeks=number, days=1)
            add_policy(session, branch, day, staff=person, premium_fen=branch_id * 1000)
            proof = add_contact(session, branch, day, staff=person, topic=mark(branch_id), minutes=20)
        last = add_contact(session, branch, LAST_DAY, role="teller", logged_at=utc_now())
        last.note = last.next_step = written(branch_id)
        contacts[branch_id] = last.id
        add_policy(session, branch, LAST_DAY, staff=person)
        session.add(
            BranchStatusRow(
                branch_id=branch_id,
                status="suspended",
                start_on=date(2025, 10, 6),
                end_on=date(2025, 10, 12),
                reason=mark(branch_id),
            )
        )
        session.add(
            BranchTotalRow(
                branch_id=branch_id,
                month_start=date(2026, 2, 1),
                premium_fen=branch_id * 1_000_000,
                source=mark(branch_id),
                changed_at=utc_now(),
            )
        )
        session.merge(
            OfficialTotalRow(
                measure="policies",
                region_path=region,
                month_start=date(2026, 2, 1),
                amount=branch_id,
                source=mark(branch_id),
                changed_at=utc_now(),
            )
        )
        add_decision(session, branch_id, 1)
        add_self_check(session, branch_id, 2)
        notes[branch_id] = add_note(session, branch_id)
        snoozes[branch_id] = add_snooze(session, branch_id)
        events[branch_id] = add_event(
            session, branch, LAST_DAY, title=mark(branch_id), event_ref=mark(branch_id), note=written(branch_id)
        ).id
        add_survey(session, branch_id, 1)
        add_pack(session, branch_id, region, owner)
        suggestions[branch_id] = add_action(session, branch_id, SuggestionState.TAKEN)
        add_action(session, branch_id, SuggestionState.DONE, proof_contact_id=proof.id)
        add_action(session, branch_id, SuggestionState.DISMISSED)
        add_action(session, branch_id, SuggestionState.EXPIRED)
        plan_items[branch_id] = add_plan_item(session, branch_id)
        add_change(session, branch_id)
    meetings = {branch_id: add_review(session, branch_id) for branch_id in PLACES}
    decided = {key: add_review_decision(session, key, meetings[key], suggestions[key]) for key in PLACES}
    for branch_id in PLACES:
        add_diagnosis(session, branch_id, "branch", str(branch_id), suggestions[branch_id])
    for branch_id in (TEAM, REGION, OUTSIDE):
        add_diagnosis(session, branch_id, "team", owner_of(branch_id), suggestions[branch_id])
    boss = UserRow(username="boss", display_name="Boss", role="admin", password_hash="x", created_at=utc_now())
    session.add(boss)
    session.flush()
    session.add(
        ImportBatchRow(
            id=BATCH, imported_at=utc_now(), imported_by=boss.id, source_names=mark(OUTSIDE), digest="x", counts={}
        )
    )
    rebuild_rollups(session)
    recompute_stages(session, as_of=TODAY)
    for branch_id in PLACES:
        session.merge(WarningSinceRow(branch_id=branch_id, badge="watch_down", week_start=FIRST))
        add_restatement(session, branch_id, FIRST + timedelta(weeks=20))
    actors = {
        UserRole.ADMIN: ADMIN,
        UserRole.MANAGER: manager_of("东区分公司"),
        UserRole.SUPERVISOR: supervisor("li"),
        UserRole.BRANCH_HEAD: head_of(INSIDE),
    }
    return World(actors, staff, suggestions, notes, contacts, snoozes, plan_items, events, meetings, decided)


def add_action(
    session: Session, branch_id: int, state: SuggestionState, key: str = "key_person_plan", **more: Any
) -> int:
    """Add an action of a branch and return its key; of one that was done the weeks after are over."""
    is_done = state is SuggestionState.DONE
    row = SuggestionRow(
        branch_id=branch_id,
        action_key=key,
        week_start=WEEK,
        reason_key="stage_basic",
        facts={"word": written(branch_id)},
        state=state,
        owner=mark(branch_id),
        due_on=TODAY,
        outcome=written(branch_id) if is_done else None,
        dismissed_reason=written(branch_id) if state is SuggestionState.DISMISSED else None,
        taken_on=DONE_ON if is_done else date(2026, 3, 10),
        created_at=utc_now(),
        decided_at=datetime(2026, 3, 10, tzinfo=UTC),
        decided_on=DONE_ON if is_done else date(2026, 3, 10),
        **more,
    )
    session.add(row)
    session.flush()
    return row.id


def add_snooze(session: Session, branch_id: int, subject: str = "branch_head") -> int:
    """Lay a line of a branch aside and return the key of the rest."""
    row = SnoozeRow(
        branch_id=branch_id,
        thing="contact",
        subject=subject,
        snoozed_on=WEEK,
        until_on=TODAY + timedelta(days=3),
        reason=written(branch_id),
        snoozed_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row.id


def add_plan_item(session: Session, branch_id: int, topic: str = "x") -> int:
    """Add a missed line about a branch to the plan of its supervisor, with a change and a day's feedback."""
    owner = owner_of(branch_id)
    plan = session.scalar(select(WeekPlanRow).where(WeekPlanRow.supervisor == owner, WeekPlanRow.week_start == WEEK))
    if plan is None:
        plan = WeekPlanRow(supervisor=owner, week_start=WEEK)
        session.add_all(
            [plan, DailyFeedbackRow(supervisor=owner, day=WEEK, words=written(branch_id), written_at=utc_now())]
        )
        session.flush()
    row = PlanItemRow(
        plan_id=plan.id,
        kind="contact",
        branch_id=branch_id,
        day=WEEK,
        role="lobby_manager",
        topic=topic,
        text=written(branch_id),
        origin="by_hand",
        added_at=utc_now(),
    )
    session.add(row)
    session.flush()
    session.add(
        PlanItemChangeRow(
            item_id=row.id, kind="added", reason=written(branch_id), before={}, after={}, changed_at=utc_now()
        )
    )
    session.flush()
    return row.id


def add_change(session: Session, branch_id: int) -> None:
    """Leave a change of a branch in the audit trail."""
    record_audit(
        session,
        actor=None,
        action="change",
        subject="branch_event",
        subject_id=7,
        branch_id=branch_id,
        after={"note": written(branch_id)},
    )


def add_decision(session: Session, branch_id: int, number: int) -> None:
    """Add an override of the stage of a branch."""
    session.add(
        StageDecisionRow(
            branch_id=branch_id,
            number=number,
            kind="overridden",
            stage="slump",
            computed_stage="mature",
            week_start=WEEK,
            reason=written(branch_id),
            decided_on=date(2026, 3, 10),
            end_on=date(2026, 4, 10),
            decided_at=utc_now(),
        )
    )


def add_review(session: Session, branch_id: int) -> int:
    """Find or add the review of the team a branch belongs to, and return its key."""
    owner = owner_of(branch_id)
    found = select(ReviewMeetingRow.id).where(ReviewMeetingRow.scope_key == owner)
    known = session.scalar(found)
    if known is not None:
        return known
    shown = figures(ReviewScope(ScopeKind.TEAM, owner), WEEK, decided=(decision(words=written(branch_id)),))
    row = ReviewMeetingRow(
        scope_kind="team",
        scope_key=owner,
        week_start=WEEK,
        chair=owner,
        begun_at=datetime(2026, 3, 16, tzinfo=UTC),
        agenda={"order": [], "skipped": []},
        figures=kept_text(shown),
        data_version=1,
    )
    session.add(row)
    session.flush()
    session.add(ReviewAttendanceRow(meeting_id=row.id, words=mark(branch_id)))
    return row.id


def add_review_decision(session: Session, branch_id: int, meeting_id: int, suggestion_id: int | None = None) -> int:
    """Add a decision about a branch to the review of its team, and return its key."""
    row = ReviewDecisionRow(
        meeting_id=meeting_id,
        topic="weakest",
        branch_id=branch_id,
        words=written(branch_id),
        owner=mark(branch_id),
        due_on=TODAY,
        measure=written(branch_id),
        state="open",
        suggestion_id=suggestion_id,
        decided_on=date(2026, 3, 16),
        decided_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row.id


def add_diagnosis(session: Session, branch_id: int, kind: str, key: str, suggestion_id: int, month: int = 1) -> None:
    """Add the diagnosis of a gap of a branch, or of its team, with a cause and what the branch does about it."""
    row = GapDiagnosisRow(
        scope_kind=kind,
        scope_key=key,
        branch_id=branch_id if kind == "branch" else None,
        kpi="policies_per_branch",
        period_kind="month",
        start_on=date(2026, month, 1),
        end_on=date(2026, month, 28),
        counted_to=date(2026, month, 28),
        actual=1.0,
        target=3.0,
        due_share=1.0,
        owner=owner_of(branch_id),
        due_on=WEEK,
        expected=written(branch_id),
        review_on=TODAY,
        decided_on=WEEK,
        decided_at=utc_now(),
    )
    session.add(row)
    session.flush()
    session.add(
        GapDiagnosisCauseRow(
            diagnosis_id=row.id, number=1, code="C02", evidence=written(branch_id), words=written(branch_id)
        )
    )
    session.flush()
    session.add(GapDiagnosisActionRow(diagnosis_id=row.id, number=1, branch_id=branch_id, suggestion_id=suggestion_id))


def add_note(session: Session, branch_id: int) -> int:
    """Add a shared note with an open commitment and return its key."""
    row = CoachingNoteRow(
        branch_id=branch_id,
        session_on=WEEK,
        role="teller",
        goal=mark(branch_id),
        reality="",
        options="",
        will=mark(branch_id),
        due_on=TODAY,
        is_shared=True,
        written_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row.id


def add_self_check(session: Session, branch_id: int, month: int) -> None:
    """Add a finished self-check of a month."""
    row = SelfCheckRow(
        branch_id=branch_id,
        month_start=date(2026, month, 1),
        started_on=date(2026, month, 3),
        finished_on=date(2026, month, 4),
        need=mark(branch_id),
        finished_need=mark(branch_id),
    )
    session.add(row)
    session.flush()
    session.add(
        SelfCheckAnswerRow(check_id=row.id, question_key="S1", value=4, finished_value=4, answered_at=utc_now())
    )


def add_restatement(session: Session, branch_id: int, week_start: date) -> None:
    """Let a week of a branch have shown another stage at the time, until the administrator's import."""
    session.flush()
    shown = session.get_one(StageShownRow, (branch_id, week_start))
    now = shown.stage
    shown.stage = Stage.SLUMP if now != Stage.SLUMP else Stage.GROWTH
    session.add(
        StageRestatementRow(
            branch_id=branch_id,
            week_start=week_start,
            before=shown.stage,
            after=now,
            cause=RestatementCause.IMPORT,
            import_batch_id=BATCH,
            changed_at=utc_now(),
        )
    )


def add_survey(session: Session, branch_id: int, number: int) -> None:
    """Add a saved state of a survey with one answer, and three sheets of the questionnaire."""
    row = SurveyVersionRow(
        branch_id=branch_id,
        number=number,
        section="environment",
        surveyed_on=date(2026, 3, number),
        methods="ask",
        confidence="sure",
        note=written(branch_id),
        saved_on=date(2026, 3, number),
        saved_at=utc_now(),
    )
    session.add(row)
    session.flush()
    session.add(
        SurveyAnswerRow(
            version_id=row.id,
            field_key="address_district",
            value=mark(branch_id),
            is_unknown=False,
            is_filled=True,
            surveyed_on=row.surveyed_on,
        )
    )
    for _ in range(3):
        session.add(
            SurveySheetRow(
                branch_id=branch_id,
                role="teller",
                answered_on=date(2026, 3, 2),
                points={f"Q{place}": 1 + number for place in range(1, 8)},
                recorded_at=utc_now(),
            )
        )


def add_pack(session: Session, branch_id: int, region: str, owner: str) -> None:
    """Add a file of a pack about the team of a branch, under the key of the branch."""
    content = mark(branch_id).encode()
    session.add(
        ReviewPackRow(
            id=branch_id,
            scope=f"team:{owner}",
            region_path=region,
            week_start=WEEK,
            language="zh",
            with_names=True,
            file_format="txt",
            file_name=f"{mark(branch_id)}.txt",
            content=content,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            made_at=datetime(2026, 3, 17, 9, branch_id % 60, tzinfo=UTC),
        )
    )


def change_branch(session: Session, branch_id: int) -> None:
    """Change everything that hangs on a branch: whoever does not see it must notice nothing."""
    branch = session.get_one(BranchRow, branch_id)
    person = session.get_one(StaffRow, branch_id * 10)
    for number in range(9):
        add_policy(session, branch, WEEK + timedelta(days=number % 5), staff=person, premium_fen=77_000_000)
        add_contact(session, branch, WEEK + timedelta(days=number % 5), staff=person, minutes=55, topic="新")
    branch.branch_name, branch.city, branch.size_tier = f"改{mark(branch_id)}", f"改{mark(branch_id)}", "A"
    branch.version += 1
    person.left_on = date(2026, 3, 1)
    add_staff(session, branch, f"N{mark(branch_id)}", role="account_manager")
    another = add_action(session, branch_id, SuggestionState.TAKEN, key="another")
    add_diagnosis(session, branch_id, "branch", str(branch_id), another, month=2)
    add_action(session, branch_id, SuggestionState.EXPIRED, key="another")
    add_self_check(session, branch_id, 3)
    add_note(session, branch_id)
    add_staff(session, branch, f"B{mark(branch_id)}", role="branch_head", joined_on=TODAY)
    add_event(session, branch, WEEK, came=1, is_project=True, note=mark(branch_id))
    add_event(session, branch, WEEK, state="planned")
    add_decision(session, branch_id, 2)
    add_snooze(session, branch_id, "teller")
    session.get_one(WarningSinceRow, (branch_id, "watch_down")).week_start = WEEK
    add_review_decision(session, branch_id, add_review(session, branch_id))
    add_plan_item(session, branch_id, topic="y")
    add_survey(session, branch_id, 2)
    add_change(session, branch_id)
    session.add(BranchStatusRow(branch_id=branch_id, status="suspended", start_on=date(2026, 2, 2), end_on=None))
    session.add(
        BranchTotalRow(
            branch_id=branch_id,
            month_start=date(2026, 1, 1),
            premium_fen=5,
            source=mark(branch_id),
            changed_at=utc_now(),
        )
    )
    for row in session.scalars(select(StageWeekRow).where(StageWeekRow.branch_id == branch_id)):
        row.stage, row.most_likely, row.badges, row.expected = "slump", "slump", "watch_down", 99.0
        row.facts = {**row.facts, "sold": 0, "expected": 99.0}
    add_restatement(session, branch_id, FIRST + timedelta(weeks=22))
    session.get_one(OrgUnitRow, branch.org_unit_id)
    session.flush()
    rebuild_rollups(session, branch_ids=[branch_id])


def asked(question: Callable[[], Any]) -> Any:
    """Return the answer in plain values, or the words of the refusal."""
    try:
        return plain(question())
    except (NotAllowedError, LookupError) as refused:
        return f"refused: {refused}"


def plain(answer: Any) -> Any:
    """Turn any answer into lists, dictionaries and plain values that compare by content."""
    if isinstance(answer, pa.Table):
        return plain(answer.to_pylist())
    if isinstance(answer, pd.Series):
        return plain(list(answer.items()))
    if isinstance(answer, pd.DataFrame):
        return plain(answer.to_dict("records"))
    if isinstance(answer, np.ndarray):
        return plain(answer.tolist())
    if isinstance(answer, np.generic):
        return plain(answer.item())
    if isinstance(answer, float) and answer != answer:
        return "nan"
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        return {one.name: plain(getattr(answer, one.name)) for one in dataclasses.fields(answer)}
    if isinstance(answer, Mapping):
        return {str(key): plain(one) for key, one in answer.items()}
    if isinstance(answer, set | frozenset):
        return sorted((plain(one) for one in answer), key=repr)
    if isinstance(answer, list | tuple | Iterator):
        return [plain(one) for one in answer]
    if hasattr(answer, "__table__"):
        return {column.key: plain(getattr(answer, column.key)) for column in answer.__table__.columns}
    return answer


def numbers_in(answer: Any) -> Iterator[Any]:
    """Yield every plain value of an answer."""
    if isinstance(answer, dict):
        for one in answer.values():
            yield from numbers_in(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from numbers_in(one)
    else:
        yield answer


def public_functions() -> dict[str, inspect.Signature]:
    """Return every public function under `db/` that takes a session, by its full name without the leading db."""
    found = {}
    for module in pkgutil.walk_packages(db.__path__, "db."):
        if module.name.startswith(("db.migrations", "db.models")):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            signature = inspect.signature(function)
            if function.__module__ == module.name and not name.startswith("_") and "session" in signature.parameters:
                found[f"{module.name.removeprefix('db.')}.{name}"] = signature
    return found
