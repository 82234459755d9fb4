from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.coaching.actions import DECISION_ACTION
from core.coaching.problems import ProblemKey, RefusedError
from core.coaching.reason_words import reason_sentence
from core.facts import BranchStatus, SuggestionState, UserRole
from core.review.decisions import DecisionEntry
from core.review.figures import DecisionState, Topic
from db.access import NotAllowedError
from db.action_changes import change_action, drop, finish
from db.action_upkeep import close_expired
from db.changes import ChangedByOtherError
from db.coaching import actions_of, open_actions
from db.coaching_effect import actions_done_often
from db.decision_changes import change_decision, decide, settle
from db.engine import reading, writing
from db.models import AuditRow, BranchRow
from db.review_decisions import decisions_before, decisions_of, decisions_owned, owners_for, with_decisions
from tests.builders import ADMIN, add_branch, head_of, supervisor
from tests.db.test_reviews import EAST, MA, MA_WEST, TEAM, WEEK, account, begin, close, meeting
from tests.review_records import figures

TODAY = date(2026, 11, 17)
LI = supervisor("li")
LATER = WEEK + timedelta(weeks=1)


@pytest.fixture
def world(store):
    """Li has two branches in the east, Wu one in the east and one in the west; a review of the east is held."""
    with writing(store) as session:
        found = {
            "b1": add_branch(session, "B1").id,
            "b2": add_branch(session, "B2").id,
            "b3": add_branch(session, "B3", supervisor="wu").id,
            "b4": add_branch(session, "B4", supervisor="wu", region="西区分公司").id,
        }
        account(session, "li", UserRole.SUPERVISOR)
        account(session, "manager", UserRole.MANAGER, region_path="东区分公司")
    begin()
    return found


def entry(branch_id=None, *, words="周三拜访支行行长", owner="li", due_on=TODAY + timedelta(days=7), topic=Topic.GOALS):
    return DecisionEntry(topic, branch_id, words, owner, due_on, "安排一次晨会")


def take(given, *, actor=MA, key="d", meeting_id=None):
    with writing() as session:
        number = meeting_id or meeting().meeting_id
        return decide(session, actor=actor, meeting_id=number, entry=given, today=TODAY, key=key)


def taken(actor=MA, today=TODAY):
    with reading() as session:
        return decisions_of(session, actor=actor, meeting_id=meeting().meeting_id, today=today)


def act(change, *, key="x", today=TODAY, actor=MA, **more):
    with writing() as session:
        change(session, actor=actor, today=today, key=f"act-{key}", **more)


def test_a_decision_about_a_topic_is_kept_with_owner_due_date_and_measure(world):
    number = take(entry())
    assert take(entry()) == number  # the same submit once more
    (found,) = taken()
    assert (found.decision_id, found.words, found.owner, found.measure) == (
        number,
        "周三拜访支行行长",
        "li",
        "安排一次晨会",
    )
    assert (found.branch_id, found.suggestion_id, found.state, found.decided_in) == (
        None,
        None,
        DecisionState.OPEN,
        WEEK,
    )
    assert [one.state for one in taken(today=TODAY + timedelta(days=7))] == [DecisionState.OPEN]
    assert [one.state for one in taken(today=TODAY + timedelta(days=8))] == [DecisionState.OVERDUE]
    with reading() as session:
        assert open_actions(session, actor=ADMIN, today=TODAY) == ()


def test_decisions_about_a_branch_are_actions_of_it_under_reasons_of_their_own(world):
    take(entry(world["b1"]), key="1")
    take(entry(world["b1"], words="周五复盘"), key="2")
    with reading() as session:
        actions = actions_of(session, actor=LI, branch_id=world["b1"], today=TODAY + timedelta(days=400))
    assert [(one.action_key, one.state, one.owner, one.expires_on) for one in actions] == [
        (DECISION_ACTION, SuggestionState.TAKEN, "li", None)
    ] * 2
    assert len({one.reason_code for one in actions}) == 2
    assert (
        reason_sentence("zh", actions[0].reason_key, actions[0].facts)
        == "周例会（2026年11月9日当周）决定：周三拜访支行行长"
    )
    assert [one.branch_code for one in taken()] == ["B1", "B1"]
    assert taken()[0].suggestion_id == actions[0].suggestion_id


def test_a_branch_head_reads_the_words_of_a_decision_that_is_his_to_do_and_of_others_only_where_they_come_from(world):
    with writing() as session:
        account(session, "head", UserRole.BRANCH_HEAD, branch_code="B1")
    take(entry(world["b1"], words="负责人不重视，由督导面谈"), key="1")
    take(entry(world["b1"], words="请负责人周一晨会讲保险目标", owner="head"), key="2")
    with reading() as session:
        found = open_actions(session, actor=head_of(world["b1"]), today=TODAY)
    facts = {one.owner: dict(one.facts) for one in found}
    assert facts == {
        "li": {"week": "2026-11-09"},
        "head": {"week": "2026-11-09", "words": "请负责人周一晨会讲保险目标"},
    }
    assert [reason_sentence("en", one.reason_key, facts["li"]) for one in found[:1]] == [
        "Decided in the weekly review of the week from 9 Nov 2026."
    ]
    assert reason_sentence("zh", "review_decision", facts["li"]) == "周例会（2026年11月9日当周）决定。"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (entry(words=" "), ProblemKey.EMPTY),
        (entry(words="电话13800138000"), ProblemKey.PERSONAL_NUMBER),
        (entry(owner="qi"), ProblemKey.NOT_A_CHOICE),
        (entry(due_on=TODAY - timedelta(days=1)), ProblemKey.DUE_IN_PAST),
        (entry(due_on=TODAY + timedelta(days=183)), ProblemKey.TOO_FAR),
    ],
    ids=["empty", "number", "owner", "past", "far"],
)
def test_what_is_wrong_with_a_decision_is_said_and_nothing_is_kept(world, given, key):
    with pytest.raises(RefusedError) as refused:
        take(given)
    assert [one.key for one in refused.value.problems] == [key]
    assert taken() == ()


def test_a_decision_is_only_about_branches_of_the_review_that_are_open(world):
    with pytest.raises(NotAllowedError):
        take(entry(world["b4"]), actor=ADMIN)
    with writing() as session:
        session.get(BranchRow, world["b1"]).status = BranchStatus.CLOSED
    with pytest.raises(RefusedError) as refused:
        take(entry(world["b1"]))
    assert refused.value.problems[0].key is ProblemKey.CLOSED


@pytest.mark.parametrize("actor", [MA_WEST, LI, head_of(1)], ids=["west", "li", "head"])
def test_whoever_does_not_see_the_review_decides_nothing_and_sees_nothing(world, actor):
    with pytest.raises(NotAllowedError):
        take(entry(), actor=actor)
    take(entry())
    assert taken(actor) == ()


def test_once_the_review_is_over_nothing_more_is_decided(world):
    close()
    with pytest.raises(RefusedError) as refused:
        take(entry())
    assert refused.value.problems[0].key is ProblemKey.REVIEW_OVER


def test_a_decision_follows_its_action(world):
    number = take(entry(world["b1"]), key="1")
    other = take(entry(world["b2"]), key="2")
    first, second = taken()
    due_on = TODAY + timedelta(days=20)
    act(change_action, suggestion_id=first.suggestion_id, shown_version=1, owner="manager", due_on=due_on, key="a")
    assert (taken()[0].owner, taken()[0].due_on) == ("manager", due_on)
    done = {"outcome": "已拜访", "measure_met": True, "proof_contact_id": None}
    act(finish, suggestion_id=first.suggestion_id, shown_version=2, **done, key="b")
    act(drop, suggestion_id=second.suggestion_id, shown_version=1, reason="行长休假", key="c")
    assert [(one.decision_id, one.state, one.outcome) for one in taken()] == [
        (number, DecisionState.DONE, "已拜访"),
        (other, DecisionState.DROPPED, "行长休假"),
    ]


def test_the_action_follows_its_decision(world):
    take(entry(world["b1"]), key="1")
    take(entry(world["b2"]), key="2")
    first, second = taken()
    due_on = TODAY + timedelta(days=20)
    shared = {"decision_id": first.decision_id, "key": "a"}
    act(change_decision, **shared, owner="manager", due_on=due_on, shown_version=first.version)
    with pytest.raises(ChangedByOtherError):
        act(settle, decision_id=first.decision_id, is_done=True, outcome="好", shown_version=1, key="b")
    act(settle, decision_id=first.decision_id, is_done=True, outcome="已拜访", shown_version=2, key="b")
    act(settle, decision_id=second.decision_id, is_done=False, outcome="行长休假", shown_version=1, key="c")
    with reading() as session:
        actions = [
            action
            for branch in ("b1", "b2")
            for action in actions_of(session, actor=ADMIN, branch_id=world[branch], today=TODAY)
        ]
    assert [(one.state, one.owner, one.due_on) for one in actions] == [
        (SuggestionState.DONE, "manager", due_on),
        (SuggestionState.DISMISSED, "li", TODAY + timedelta(days=7)),
    ]


def test_no_decision_lapses_unsaid_and_the_effect_of_actions_counts_none(world):
    take(entry(world["b1"]))
    much_later = TODAY + timedelta(days=300)
    with writing() as session:
        close_expired(session, today=much_later, branch_id=world["b1"])
        assert actions_done_often(session, actor=ADMIN, today=much_later) == frozenset()
    assert [one.state for one in taken(today=much_later)] == [DecisionState.OVERDUE]


def test_the_owner_settles_a_decision_about_a_topic_without_seeing_the_review(world):
    number = take(entry())
    with reading() as session:
        assert [one.decision_id for one in decisions_owned(session, actor=LI, today=TODAY)] == [number]
        assert decisions_owned(session, actor=MA, today=TODAY) == ()
    shared = {"decision_id": number, "is_done": True, "shown_version": 1}
    with pytest.raises(NotAllowedError):
        act(settle, **shared, outcome="好", actor=supervisor("wu"))
    with pytest.raises(RefusedError):
        act(settle, **shared, outcome="", actor=LI)
    act(settle, **shared, outcome="已登记", actor=LI)
    act(settle, **shared, outcome="已登记", actor=LI)  # the same submit once more
    (found,) = taken()
    assert (found.state, found.outcome, found.version) == (DecisionState.DONE, "已登记", 2)
    with pytest.raises(RefusedError) as refused:
        act(settle, decision_id=number, is_done=True, outcome="好", shown_version=2, key="y")
    assert refused.value.problems[0].key is ProblemKey.DECISION_SETTLED
    with reading() as session:
        assert decisions_owned(session, actor=LI, today=TODAY) == ()
        verbs = session.scalars(select(AuditRow.action).where(AuditRow.subject == "review_decision")).all()
    assert verbs == ["decide", "settle"]


def test_of_two_who_change_a_decision_the_second_is_told_what_it_now_says(world):
    number = take(entry())
    shared = {"decision_id": number, "owner": "manager", "due_on": TODAY}
    act(change_decision, **shared, shown_version=1, key="1")
    with pytest.raises(ChangedByOtherError) as refused:
        act(change_decision, **shared, shown_version=1, actor=ADMIN, key="2")
    assert refused.value.current["owner"] == "manager"
    act(change_decision, decision_id=number, owner="li", due_on=TODAY, shown_version=2, today=LATER, key="3")


def test_the_next_review_opens_with_all_decisions_of_the_last_and_older_ones_still_open(world):
    begin(week_start=WEEK - timedelta(weeks=1), key="old")
    old = meeting(week_start=WEEK - timedelta(weeks=1)).meeting_id
    older = take(entry(words="更早"), key="1", meeting_id=old)
    settled = take(entry(words="更早已办"), key="2", meeting_id=old)
    act(settle, decision_id=settled, is_done=True, outcome="好", shown_version=1, key="s")
    branch = take(entry(world["b1"]), key="3")
    done = take(entry(words="已办"), key="4")
    act(settle, decision_id=done, is_done=True, outcome="好", shown_version=1, key="t")
    with reading() as session:
        shared = {"scope": EAST, "week_start": LATER, "today": TODAY}
        found = decisions_before(session, actor=MA, **shared)
        assert [one.decision_id for one in found] == [older, branch, done]
        assert decisions_before(session, actor=MA_WEST, **shared) == ()
        assert decisions_before(session, actor=ADMIN, scope=TEAM, week_start=LATER, today=TODAY) == ()
        pages = with_decisions(session, actor=MA, figures=figures(week_start=LATER), meeting_id=None, today=TODAY)
        now = with_decisions(session, actor=MA, figures=figures(), meeting_id=meeting().meeting_id, today=TODAY)
    assert [one.decision_id for one in pages.decided] == [older, branch, done]
    assert pages.decisions == ()
    assert [one.decision_id for one in now.decisions] == [branch, done]
    assert [one.state for one in now.decided] == [DecisionState.OPEN, DecisionState.DONE]


def test_owners_are_those_of_the_branch_or_the_own_staff_of_the_scope(world):
    with reading() as session:
        shared = {"actor": MA, "scope": EAST}
        of_topic = [one.username for one in owners_for(session, **shared, branch_id=None)]
        of_branch = [one.username for one in owners_for(session, **shared, branch_id=world["b3"])]
        with pytest.raises(NotAllowedError):
            owners_for(session, **shared, branch_id=world["b4"])
    assert of_topic == ["manager", "li"]
    assert of_branch == ["wu", "manager"]
