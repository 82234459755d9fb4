import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import UserRole
from core.review.agenda import Agenda, moved
from core.review.decisions import DecisionEntry
from core.review.figures import Topic
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError
from db.changes import ChangedByOtherError, utc_now
from db.decision_changes import decide
from db.engine import data_version, reading, writing
from db.models import AuditRow, ReviewMeetingRow, UserRow
from db.review_changes import (
    begin_meeting,
    bring_up_to_date,
    change_agenda,
    close_meeting,
    join_meeting,
    take_back_meeting,
)
from db.review_people import people_of, staff_codes, topic_owners
from db.reviews import figures_shown, find_meeting, meetings_held, require_meeting_scope, scopes_in_reach
from tests.builders import ADMIN, add_branch, add_staff, head_of, manager_of, supervisor
from tests.review_records import EAST, TEAM, WEEK, card, figures

NOW = datetime(2026, 11, 17, 1, 30, tzinfo=UTC)
ALL = ReviewScope(ScopeKind.ALL)
MA = manager_of("东区分公司")
MA_WEST = manager_of("西区分公司")


def account(session, username, role, **more):
    row = UserRow(
        username=username,
        display_name=f"{username}名",
        role=role,
        password_hash="x",
        created_at=utc_now(),
        **more,
    )
    session.add(row)
    session.flush()
    return row.id


@pytest.fixture
def world(store):
    """Li has two branches in the east, Wu one in the east and one in the west, Qi one in the west; Qi no account."""
    with writing(store) as session:
        first = add_branch(session, "B1")
        add_branch(session, "B2")
        add_branch(session, "B3", supervisor="wu", region="东区分公司/澜州中支")
        add_branch(session, "B4", supervisor="wu", region="西区分公司")
        add_branch(session, "B5", supervisor="qi", region="西区分公司")
        add_staff(session, first, "S1")
        for name in ("li", "wu"):
            account(session, name, UserRole.SUPERVISOR)
        account(session, "manager", UserRole.MANAGER, region_path="东区分公司")
        account(session, "gone", UserRole.ADMIN, is_active=False)
        return {"first": first.id}


def begin(actor=MA, scope=EAST, *, key="b", week_start=WEEK, agenda=None, present=(), guests=(), **more):
    with writing() as session:
        return begin_meeting(
            session,
            actor=actor,
            figures=figures(scope, week_start, **more),
            figures_version=data_version(session),
            agenda=agenda or Agenda(),
            present=present,
            guests=guests,
            now=NOW,
            key=key,
        )


def meeting(actor=MA, scope=EAST, week_start=WEEK):
    with reading() as session:
        return find_meeting(session, actor=actor, scope=scope, week_start=week_start)


def close(actor=MA, scope=EAST, *, key="c", version=1, present=(), guests=(), **more):
    with writing() as session:
        close_meeting(
            session,
            actor=actor,
            meeting_id=meeting(actor, scope).meeting_id,
            figures=figures(scope, **more),
            present=present,
            guests=guests,
            shown_version=version,
            now=NOW + timedelta(minutes=30),
            key=key,
        )


def test_everybody_may_choose_the_scopes_whose_branches_are_all_his(world):
    with reading() as session:
        found = {
            name: [str(one) for one in scopes_in_reach(session, actor=actor)]
            for name, actor in {
                "admin": ADMIN,
                "east": MA,
                "li": supervisor("li"),
                "nobody": supervisor("xu"),
                "head": head_of(world["first"]),
            }.items()
        }
    assert found == {
        "admin": [
            *("all", "region:东区分公司", "region:东区分公司/云州中支", "region:东区分公司/澜州中支"),
            *("region:西区分公司", "team:li", "team:qi", "team:wu"),
        ],
        "east": ["region:东区分公司", "region:东区分公司/云州中支", "region:东区分公司/澜州中支", "team:li"],
        "li": ["team:li"],
        "nobody": [],
        "head": [],
    }


@pytest.mark.parametrize(
    ("actor", "scope"),
    [
        (MA, ALL),
        (MA, ReviewScope(ScopeKind.REGION, "西区分公司")),
        (MA, ReviewScope(ScopeKind.REGION, "东区")),
        (MA, ReviewScope(ScopeKind.TEAM, "wu")),  # one of his branches lies elsewhere
        (supervisor("li"), EAST),
        (supervisor("li"), ReviewScope(ScopeKind.TEAM, "wu")),
        (ADMIN, ReviewScope(ScopeKind.TEAM, "xu")),
    ],
)
def test_a_review_of_branches_of_others_cannot_be_begun_and_says_nothing_else(world, actor, scope):
    with reading() as session, pytest.raises(NotAllowedError, match="not one of your"):
        require_meeting_scope(session, actor=actor, scope=scope)
    with pytest.raises(NotAllowedError, match="not one of your"):
        begin(actor, scope)


def test_a_review_begun_is_seen_by_whoever_sees_all_its_branches_with_its_figures(world):
    begin(MA, EAST, present=["li"], guests=["培训讲师 T01"])
    found = meeting()
    assert (found.chair, found.begun_at, found.ended_at, found.present, found.guests) == (
        *("manager", NOW, None, ("li",), ("培训讲师 T01",)),
    )
    assert meeting(ADMIN) == found
    assert [meeting(actor) for actor in (MA_WEST, supervisor("li"), head_of(world["first"]))] == [None] * 3
    with reading() as session:
        assert figures_shown(session, actor=MA, meeting_id=found.meeting_id) == figures()
        with pytest.raises(NotAllowedError):
            figures_shown(session, actor=supervisor("li"), meeting_id=found.meeting_id)


def test_a_second_one_of_the_same_scope_and_week_is_joined_with_the_first_ones_figures(world):
    first = begin(MA, EAST, key="b1", present=["li"])
    assert begin(ADMIN, EAST, key="b2", goals=(), present=["wu"]) == first
    assert begin(MA, EAST, key="b1") == first
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ReviewMeetingRow)) == 1
        assert figures_shown(session, actor=ADMIN, meeting_id=first).goals == figures().goals
    assert (meeting().chair, meeting().present) == ("manager", ("li",))


def test_two_who_begin_at_the_same_moment_hold_the_same_review(world, store):
    found, ready = [], threading.Barrier(2)

    def start(key):
        ready.wait()
        found.append(begin(MA, EAST, key=key))

    both = [threading.Thread(target=start, args=(key,)) for key in ("x", "y")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(set(found)) == 1
    assert len(found) == 2


@pytest.mark.parametrize(
    "week_start", [WEEK + timedelta(weeks=1), WEEK + timedelta(days=1), WEEK - timedelta(weeks=13)]
)
def test_only_a_complete_week_of_the_last_thirteen_can_be_reviewed(world, week_start):
    with pytest.raises(RefusedError) as refused:
        begin(week_start=week_start)
    assert refused.value.problems[0].key is ProblemKey.REVIEW_WEEK
    assert begin(week_start=WEEK - timedelta(weeks=12), key="old")


@pytest.mark.parametrize(
    ("present", "guests", "key"),
    [(["qi"], [], ProblemKey.NOT_A_CHOICE), ([], ["13800138000"], ProblemKey.PERSONAL_NUMBER), ([], [" "], "empty")],
)
def test_only_own_staff_of_the_scope_and_words_without_numbers_of_persons_are_present(world, present, guests, key):
    with pytest.raises(RefusedError) as refused:
        begin(present=present, guests=guests)
    assert refused.value.problems[0].key == key
    begin(MA, EAST)
    with pytest.raises(RefusedError):
        close(present=present, guests=guests)
    assert not meeting().is_closed


def test_agenda_and_newer_figures_can_change_until_it_is_over(world):
    number = begin()
    agenda = moved(Agenda(skipped=frozenset({Topic.WORKED})), Topic.WEAKEST, -2)
    with writing() as session:
        shared = {"actor": MA, "meeting_id": number}
        change_agenda(session, **shared, agenda=agenda, shown_version=1, key="1")
        bring_up_to_date(
            session, **shared, figures=figures(goals=(card(value=1.0),)), figures_version=3, shown_version=2, key="2"
        )
    found = meeting()
    assert (found.agenda, found.version) == (agenda, 3)
    with reading() as session:
        assert figures_shown(session, actor=MA, meeting_id=number).goals[0].value == 1.0
        verbs = session.scalars(select(AuditRow.action).where(AuditRow.subject == "review_meeting")).all()
    assert verbs == ["begin", "change_agenda", "bring_up_to_date"]


def test_of_two_who_change_the_agenda_the_second_is_told(world):
    number = begin()
    with writing() as session:
        change_agenda(session, actor=MA, meeting_id=number, agenda=Agenda(), shown_version=1, key="1")
    with writing() as session, pytest.raises(ChangedByOtherError):
        change_agenda(session, actor=ADMIN, meeting_id=number, agenda=Agenda(), shown_version=1, key="2")


def test_a_closed_review_keeps_what_it_showed_and_nothing_of_it_changes(world):
    number = begin()
    close(goals=(card(value=7.0),), present=["wu", "li"], guests=["讲师T01"])
    close(goals=(card(value=8.0),))  # the same submit once more
    found = meeting()
    assert (found.present, found.guests) == (("li", "wu"), ("讲师T01",))
    assert (found.is_closed, found.ended_at) == (True, NOW + timedelta(minutes=30))
    shared = {"actor": MA, "meeting_id": number, "shown_version": 2, "key": "k"}
    changes = (
        lambda session: bring_up_to_date(session, figures=figures(), figures_version=1, **shared),
        lambda session: change_agenda(session, agenda=Agenda(), **shared),
        lambda session: close_meeting(session, figures=figures(), present=[], guests=[], now=NOW, **shared),
    )
    for change in changes:
        with writing() as session, pytest.raises(RefusedError) as refused:
            change(session)
        assert refused.value.problems[0].key is ProblemKey.REVIEW_OVER
    assert begin(key="again") == number
    with reading() as session:
        assert figures_shown(session, actor=MA, meeting_id=number).goals[0].value == 7.0


def test_figures_of_another_review_are_not_kept(world):
    number = begin()
    with writing() as session, pytest.raises(NotAllowedError):
        close_meeting(
            session,
            actor=MA,
            meeting_id=number,
            figures=figures(TEAM),
            present=[],
            guests=[],
            shown_version=1,
            now=NOW,
            key="c",
        )


@pytest.mark.parametrize("actor", [MA_WEST, supervisor("li"), head_of(1)], ids=["west", "li", "head"])
def test_whoever_does_not_see_a_review_can_do_nothing_with_it(world, actor):
    number = begin()
    with writing() as session, pytest.raises(NotAllowedError):
        change_agenda(session, actor=actor, meeting_id=number, agenda=Agenda(), shown_version=1, key="1")


def test_the_list_holds_the_reviews_in_sight_latest_first(world):
    begin(MA, EAST, key="1", week_start=WEEK - timedelta(weeks=1))
    begin(MA, EAST, key="2")
    begin(MA, TEAM, key="3")
    begin(ADMIN, ReviewScope(ScopeKind.TEAM, "wu"), key="4")
    with reading() as session:
        seen = {
            name: [(str(one.meeting.scope), one.meeting.week_start) for one in meetings_held(session, actor=actor)]
            for name, actor in {"east": MA, "li": supervisor("li"), "wu": supervisor("wu")}.items()
        }
        assert len(meetings_held(session, actor=ADMIN)) == 4
    before = date(2026, 11, 2)
    assert seen["east"] == [("team:li", WEEK), (str(EAST), WEEK), (str(EAST), before)]
    assert (seen["li"], seen["wu"]) == ([("team:li", WEEK)], [("team:wu", WEEK)])


def test_people_are_those_who_have_to_do_with_the_branches_in_sight(world):
    with reading() as session:
        east = [(one.username, one.role, one.number) for one in people_of(session, actor=MA)]
        west = {one.username for one in people_of(session, actor=MA_WEST)}
        owners = [one.username for one in topic_owners(session, actor=MA)]
        heads = people_of(session, actor=head_of(world["first"]))
        codes = [staff_codes(session, actor=actor) for actor in (MA, MA_WEST)]
    assert east == [
        ("gone", UserRole.ADMIN, 1),
        ("manager", UserRole.MANAGER, 1),
        ("li", UserRole.SUPERVISOR, 1),
        ("wu", UserRole.SUPERVISOR, 2),
    ]
    assert west == {"gone", "wu", "qi"}
    assert owners == ["manager", "li", "wu"]
    assert heads == ()
    assert codes == [(("员工S1", "S1"),), ()]


def test_who_joins_a_review_is_noted_once_and_one_begun_by_mistake_is_taken_back(world):
    number = begin(present=["li"])
    for key in ("1", "2"):
        with writing() as session:
            join_meeting(session, actor=ADMIN, meeting_id=number, key=key)
    assert meeting().present == (ADMIN.username, "li")
    assert meeting().version == 1
    entry = DecisionEntry(Topic.GOALS, None, "补登", "li", NOW.date(), "")
    with writing() as session:
        take_back_meeting(session, actor=MA, meeting_id=number, shown_version=1, key="3")
    assert meeting() is None
    with reading() as session:
        verbs = session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all()
    assert verbs == ["begin", "join", "take_back"]
    again = begin(key="again")
    with writing() as session:
        decide(session, actor=MA, meeting_id=again, entry=entry, today=NOW.date(), key="4")
    with writing() as session, pytest.raises(RefusedError) as refused:
        take_back_meeting(session, actor=MA, meeting_id=again, shown_version=1, key="5")
    assert [one.key for one in refused.value.problems] == [ProblemKey.REVIEW_HAS_DECISIONS]
