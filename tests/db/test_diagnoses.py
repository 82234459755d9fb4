"""Diagnoses of gaps on both databases: a region of fourteen idle branches, one of a foreign team beside it."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.coaching.reason_words import reason_sentence
from core.facts import SuggestionState, UserRole
from core.planning.diagnosis import DiagnosedCause, DiagnosisEntry, DiagnosisState, FigureNow, Gap
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind
from core.today.lines import Thing
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.coaching import open_actions
from db.diagnoses import diagnoses, diagnosis_actions, diagnosis_owners, find_diagnosis
from db.diagnosis_changes import change_diagnosis, close_diagnosis, diagnose
from db.engine import is_sqlite, reading, writing
from db.models import AuditRow, BranchRow, GapDiagnosisRow, SuggestionRow
from db.today import today_lines
from tests.builders import ADMIN, add_branch, head_of, manager_of, supervisor
from tests.db.test_reviews import account

TODAY = date(2026, 11, 2)
DAY = timedelta(days=1)
EAST = ReviewScope(ScopeKind.REGION, "东区分公司")
TEAM = ReviewScope(ScopeKind.TEAM, "li")
MA, LI, WU = manager_of("东区分公司"), supervisor("li"), supervisor("wu")
GAP = Gap(
    "branch_activity_rate",
    PeriodKind.MONTH,
    date(2026, 10, 1),
    date(2026, 10, 31),
    date(2026, 10, 31),
    actual=0.42,
    target=0.6,
    due_share=1.0,
    level=0.5,
)


@pytest.fixture
def branches(store):
    """Nine branches of li and five of wu in the east, and one in the west."""
    with writing(store) as session:
        found = [add_branch(session, f"B{number:02d}", supervisor="li" if number < 9 else "wu") for number in range(14)]
        found.append(add_branch(session, "W", supervisor="zhou", region="西区分公司"))
        for name, role, region in (
            ("li", UserRole.SUPERVISOR, None),
            ("wu", UserRole.SUPERVISOR, None),
            ("manager", UserRole.MANAGER, "东区分公司"),
            ("below", UserRole.MANAGER, "东区分公司/云州中支"),
            ("west", UserRole.MANAGER, "西区分公司"),
            ("root", UserRole.ADMIN, None),
        ):
            account(session, name, role, region_path=region)
        return [one.id for one in found]


def case(branches, **more):
    """The worked case: invitations blocked in nine branches, no skill in five."""
    causes = (
        DiagnosedCause("C02", "九家到场率不到40%", "repair_invitations", tuple(branches[:9]), "换主题"),
        DiagnosedCause("C01", "五家无人通过通关", "targeted_drill", tuple(branches[9:14])),
    )
    entry = DiagnosisEntry(GAP, EAST, None, causes, "manager", TODAY + 14 * DAY, "活动率到50%", TODAY + 28 * DAY)
    return replace(entry, **more)


def words_only(branches, **more):
    return case(branches, causes=(DiagnosedCause("C25", "农商行系统升级", words="与支行谈"),), **more)


def put(entry, *, actor=MA, key="d", today=TODAY):
    with writing() as session:
        return diagnose(session, actor=actor, entry=entry, today=today, key=key)


def get(number, *, actor=MA, today=TODAY):
    with reading() as session:
        return find_diagnosis(session, actor=actor, diagnosis_id=number, today=today)


def refused(call):
    with pytest.raises(RefusedError) as error:
        call()
    return [one.key for one in error.value.problems]


def test_the_worked_case_sends_each_action_to_its_branches_and_keeps_the_figures(branches):
    done = put(case(branches))
    assert (done.new_actions, done.open_before) == (14, 0)
    assert put(case(branches)) == done  # the same submit once more
    found = get(done.diagnosis_id)
    assert found.gap == GAP
    assert found.causes == case(branches).causes
    assert (found.owner, found.due_on, found.review_on) == ("manager", TODAY + 14 * DAY, TODAY + 28 * DAY)
    assert found.state is DiagnosisState.OPEN
    with reading() as session:
        actions = diagnosis_actions(session, actor=MA, diagnosis_id=done.diagnosis_id, today=TODAY)
        audit = session.scalars(select(AuditRow).where(AuditRow.subject == "diagnosis")).one()
    assert [(code, one.action_key) for code, one in actions] == [("C02", "repair_invitations")] * 9 + [
        ("C01", "targeted_drill")
    ] * 5
    assert {one.owner for code, one in actions if code == "C02"} == {"li"}
    assert {one.owner for code, one in actions if code == "C01"} == {"wu"}
    assert {one.due_on for _, one in actions} == {TODAY + 14 * DAY}
    assert {one.reason_code for code, one in actions if code == "C01"} == {"cause:C01"}
    first = actions[0][1]
    assert "C02" in reason_sentence("en", first.reason_key, first.facts)
    assert (audit.action, audit.branch_id) == ("open", None)
    after = {"cause": "C02", "cause_2": "C01", "branches": 9, "branches_2": 5, "action_2": "targeted_drill"}
    assert audit.after | after == audit.after


def test_an_action_that_is_open_already_is_seen_again_and_stays(branches):
    first = put(case(branches))
    later = case(branches, gap=replace(GAP, kpi="policies_per_branch"), due_on=TODAY + 20 * DAY)
    second = put(later, key="e")
    assert (second.new_actions, second.open_before) == (0, 14)
    with reading() as session:
        both = [
            {one.suggestion_id for _, one in diagnosis_actions(session, actor=MA, diagnosis_id=number, today=TODAY)}
            for number in (first.diagnosis_id, second.diagnosis_id)
        ]
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 14
        assert {one.due_on for one in open_actions(session, actor=MA, today=TODAY)} == {TODAY + 14 * DAY}
    assert both[0] == both[1]


def test_a_gap_is_diagnosed_once(branches):
    put(words_only(branches))
    assert refused(lambda: put(words_only(branches), key="e")) == [ProblemKey.ALREADY_DIAGNOSED]
    later = replace(GAP, counted_to=GAP.counted_to - DAY)
    assert refused(lambda: put(words_only(branches, gap=later), key="f")) == [ProblemKey.ALREADY_DIAGNOSED]
    put(words_only(branches, gap=replace(GAP, start=date(2026, 9, 1), end=date(2026, 9, 30))), key="h")


def test_without_an_action_it_is_closed_at_once_and_only_where_the_causes_allow_it(branches):
    season = (DiagnosedCause("C26", "国庆八天"), DiagnosedCause("C27", "两家保单归错网点"))
    done = put(case(branches, causes=season, owner="", expected=""))
    found = get(done.diagnosis_id)
    assert found.state is DiagnosisState.NO_ACTION
    assert (found.owner, found.due_on, found.review_on, found.closed_on) == (None, None, None, TODAY)
    mixed = (*season[:1], DiagnosedCause("C01", "x"))
    assert refused(lambda: put(case(branches, causes=mixed), key="e")) == [ProblemKey.NO_ADJUSTMENT]
    assert refused(lambda: close(done.diagnosis_id)) == [ProblemKey.DIAGNOSIS_CLOSED]


def test_what_is_refused_leaves_nothing_behind(branches):
    with writing() as session:
        session.get_one(BranchRow, branches[8]).status = "closed"
    assert refused(lambda: put(case(branches))) == [ProblemKey.CLOSED]
    foreign = (replace(case(branches).causes[0], branch_ids=(branches[0], branches[14])),)
    for actor in (MA, ADMIN):  # the branch lies outside the region, whoever asks
        with pytest.raises(NotAllowedError):
            put(case(branches, causes=foreign, owner=actor.username), actor=actor)
    assert refused(lambda: put(case(branches, owner="below"))) == [ProblemKey.NOT_A_CHOICE]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(GapDiagnosisRow)) == 0
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 0


def test_who_sees_all_of_it_may_own_it(branches):
    def owners(actor, scope, branch_id=None):
        with reading() as session:
            found = diagnosis_owners(session, actor=actor, scope=scope, branch_id=branch_id)
        return [one.username for one in found]

    assert owners(MA, EAST) == ["manager", "root"]
    assert owners(LI, TEAM) == ["li", "below", "manager", "root"]
    assert owners(WU, None, branches[9]) == ["wu", "below", "manager", "root"]
    assert owners(ADMIN, ReviewScope(ScopeKind.ALL)) == ["boss", "root"]
    for actor, scope in ((LI, EAST), (MA, ReviewScope(ScopeKind.ALL)), (head_of(branches[0]), TEAM), (WU, TEAM)):
        with pytest.raises(NotAllowedError):
            owners(actor, scope)


def test_a_diagnosis_is_seen_by_whoever_sees_all_its_branches(branches):
    east = put(words_only(branches)).diagnosis_id
    team = put(words_only(branches, scope=TEAM, owner="li"), actor=LI, key="e").diagnosis_id
    one = put(words_only(branches, scope=None, branch_id=branches[9], owner="wu"), actor=WU, key="f").diagnosis_id

    def seen(actor):
        with reading() as session:
            return {each.diagnosis_id for each in diagnoses(session, actor=actor, today=TODAY)}

    assert seen(ADMIN) == seen(MA) == {east, team, one}
    assert seen(manager_of("东区分公司/云州中支")) == {team, one}
    assert seen(LI) == {team}
    assert seen(WU) == {one}
    assert seen(manager_of("西区分公司")) == seen(head_of(branches[9])) == set()
    assert get(one, actor=WU).branch_code == "B09"
    assert get(one, actor=LI) is None


def test_the_list_begins_with_what_is_to_be_reviewed(branches):
    def at(key, review, **more):
        gap = replace(GAP, start=GAP.start + review * DAY)
        given = {"due_on": TODAY, "review_on": TODAY + review * DAY} | more
        return put(words_only(branches, gap=gap, **given), key=key).diagnosis_id

    late, due, open_one = at("a", 5), at("b", 20), at("c", 60)
    gone = at("d", 61)
    close(gone, today=TODAY + DAY)
    with reading() as session:
        found = diagnoses(session, actor=MA, today=TODAY + 20 * DAY)
    assert [(one.diagnosis_id, one.state) for one in found] == [
        (late, DiagnosisState.OVERDUE),
        (due, DiagnosisState.REVIEW_DUE),
        (open_one, DiagnosisState.OPEN),
        (gone, DiagnosisState.CLOSED),
    ]


def close(number, *, actor=MA, version=1, key="x", today=TODAY + 28 * DAY, **more):
    given = {"result": "活动率51%", "lesson": "先约后办", "figure": None} | more
    with writing() as session:
        close_diagnosis(session, actor=actor, diagnosis_id=number, shown_version=version, today=today, key=key, **given)


def test_the_review_keeps_result_lesson_and_the_figure_of_then(branches):
    number = put(words_only(branches)).diagnosis_id
    figure = FigureNow(date(2026, 10, 30), date(2026, 11, 29), 0.51, 0.48)
    assert refused(lambda: close(number, lesson=" ", figure=figure)) == [ProblemKey.EMPTY]
    assert get(number).now is None
    close(number, figure=figure)
    close(number, figure=figure)  # the same submit once more
    found = get(number, today=TODAY + 99 * DAY)
    assert (found.state, found.result, found.lesson) == (DiagnosisState.CLOSED, "活动率51%", "先约后办")
    assert (found.now, found.closed_on, found.version) == (figure, TODAY + 28 * DAY, 2)
    assert refused(lambda: close(number, key="y", version=2)) == [ProblemKey.DIAGNOSIS_CLOSED]


def change(number, *, actor=MA, owner="root", review_on=TODAY + 30 * DAY, version=1, key="c", today=TODAY):
    with writing() as session:
        change_diagnosis(
            session,
            actor=actor,
            diagnosis_id=number,
            owner=owner,
            review_on=review_on,
            shown_version=version,
            today=today,
            key=key,
        )


def test_it_can_be_handed_on_and_its_review_moved(branches):
    number = put(words_only(branches)).diagnosis_id
    change(number)
    found = get(number)
    assert (found.owner, found.review_on, found.version) == ("root", TODAY + 30 * DAY, 2)
    assert refused(lambda: change(number, owner="li", version=2, key="e")) == [ProblemKey.NOT_A_CHOICE]
    with reading() as session:
        audit = session.scalars(select(AuditRow).where(AuditRow.action == "change")).one()
    assert (audit.before["owner"], audit.after["owner"]) == ("manager", "root")


def test_two_people_at_one_diagnosis_do_not_overwrite_each_other(branches):
    number = put(words_only(branches)).diagnosis_id
    change(number)
    for second in (lambda: change(number, key="e"), lambda: close(number, key="f")):
        with pytest.raises(ChangedByOtherError) as error:
            second()
        assert (error.value.subject, error.value.version) == ("diagnosis", 2)
        assert error.value.current["owner"] == "root"
    for outsider in (LI, manager_of("西区分公司"), head_of(branches[0])):
        with pytest.raises(NotAllowedError):
            change(number, actor=outsider, version=2, key="g")


def test_the_state_of_an_action_follows_the_branch(branches):
    number = put(case(branches)).diagnosis_id
    with writing() as session:
        row = session.scalars(select(SuggestionRow).where(SuggestionRow.branch_id == branches[0])).one()
        row.state, row.outcome = SuggestionState.DONE, "已改话术"
    with reading() as session:
        (code, action), *_ = diagnosis_actions(session, actor=MA, diagnosis_id=number, today=TODAY)
        assert diagnosis_actions(session, actor=LI, diagnosis_id=number, today=TODAY) == ()
    assert (code, action.state, action.outcome) == ("C02", SuggestionState.DONE, "已改话术")


def test_a_review_that_is_due_stands_on_the_list_of_its_owner(branches):
    number = put(words_only(branches, scope=TEAM, owner="li"), actor=LI).diagnosis_id

    def lines(actor, today):
        with reading() as session:
            found = today_lines(session, actor=actor, today=today).lines
        return [(one.kind, one.subject, one.branch_id) for one in found if one.thing is Thing.DIAGNOSIS]

    due = TODAY + 28 * DAY
    assert lines(LI, due - DAY) == lines(MA, due) == []
    assert lines(LI, due) == [("diagnosis_due", str(number), 0)]
    assert lines(LI, due + 8 * DAY) == [("diagnosis_overdue", str(number), 0)]
    close(number, actor=LI, today=due)
    assert lines(LI, due + 8 * DAY) == []


def test_two_who_diagnose_the_same_gap_at_once_make_one(branches):
    ready, found = threading.Barrier(2), []

    def start(key):
        try:
            with writing() as session:
                if not is_sqlite(session):  # there one of the two holds the lock from the first statement on
                    ready.wait(timeout=10)
                done = diagnose(session, actor=MA, entry=words_only(branches), today=TODAY, key=key)
            found.append(done.diagnosis_id)
        except RefusedError as error:
            found.append([one.key for one in error.problems])

    both = [threading.Thread(target=start, args=(key,)) for key in ("x", "y")]
    for each in both:
        each.start()
    for each in both:
        each.join(timeout=30)
    with reading() as session:
        (stored,) = session.scalars(select(GapDiagnosisRow.id))  # whichever number it drew
    assert stored in found
    assert [ProblemKey.ALREADY_DIAGNOSED] in found
