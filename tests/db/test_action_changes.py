from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import SuggestionState
from db.access import NotAllowedError
from db.action_changes import change_action, drop, finish
from db.changes import ChangedByOtherError
from db.coaching import proofs_of
from db.engine import reading, writing
from db.models import AuditRow, BranchRow
from tests.builders import add_contact, head_of, supervisor
from tests.db.coaching_world import LAST_WEEK, TODAY, close, make_world, only_action, take

LATER = TODAY + timedelta(days=9)


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def quick(sqlite_store):
    """The same on one database: for limits that are the same on both."""
    return make_world()


def change(world, *, owner="li", due_on=LATER, **more):
    close(world, change_action, owner=owner, due_on=due_on, **more)


def problems(refused):
    return [(one.key, one.place) for one in refused.value.problems]


def test_finishing_keeps_the_outcome_and_whether_the_measure_was_reached(world):
    take(world)
    close(world)
    action = only_action(world)
    assert (action.state, action.outcome, action.measure_met, action.decided_on, action.version) == (
        SuggestionState.DONE,
        "练了两次",
        True,
        TODAY,
        2,
    )


def test_nothing_is_done_without_an_outcome(world):
    take(world)
    with pytest.raises(RefusedError) as refused:
        close(world, outcome=" ")
    assert problems(refused) == [(ProblemKey.EMPTY, "outcome")]
    assert only_action(world).state is SuggestionState.TAKEN


def test_an_open_action_can_be_dropped_with_a_reason(world):
    take(world)
    close(world, drop)
    action = only_action(world)
    assert (action.state, action.dismissed_reason, action.outcome) == (SuggestionState.DISMISSED, "换人了", None)


def test_the_second_of_two_who_close_an_action_sees_what_stands_now(world):
    take(world)
    close(world)
    with pytest.raises(ChangedByOtherError) as refused:
        close(world, drop, key="c2")
    assert refused.value.current["state"] == "done"


def test_a_closed_action_cannot_be_closed_again(world):
    take(world)
    close(world)
    with pytest.raises(RefusedError) as refused:
        close(world, key="c2", version=2)
    assert [one.key for one in refused.value.problems] == [ProblemKey.NOT_OPEN]


def test_a_resent_closing_changes_nothing(world):
    take(world)
    close(world)
    close(world)
    assert only_action(world).version == 2


def test_an_action_of_a_foreign_branch_cannot_be_closed(world):
    take(world)
    with pytest.raises(NotAllowedError, match=r"^not one of your branches$"):
        close(world, actor=supervisor("wu"))


def test_done_keeps_the_contact_that_shows_it(world):
    take(world)
    close(world)
    proof = only_action(world).proof
    assert (proof.contact_id, proof.contact_on, proof.method, proof.role, proof.staff_name) == (
        world["proof"],
        TODAY,
        "visit",
        "wealth_manager",
        None,
    )


def test_nothing_is_done_without_a_contact_that_shows_it(quick):
    take(quick)
    with pytest.raises(RefusedError) as refused:
        close(quick, proof_contact_id=None)
    assert problems(refused) == [(ProblemKey.NO_PROOF, "proof")]


def test_paperwork_inside_the_insurer_needs_no_contact(quick):
    take(quick, "deeper_contacts")
    close(quick, proof_contact_id=None)
    assert (only_action(quick).state, only_action(quick).proof) == (SuggestionState.DONE, None)


@pytest.mark.parametrize(
    ("branch", "days", "is_taken"),
    [("mine", -1, False), ("mine", 0, True), ("mine", 2, True), ("mine", 3, False), ("other", 0, False)],
    ids=["day before", "day taken on", "day it is done", "day after", "another branch"],
)
def test_a_contact_shows_it_from_the_day_it_was_taken_on(quick, branch, days, is_taken):
    take(quick)
    with writing() as session:
        row = session.get_one(BranchRow, quick[branch])
        quick["proof"] = add_contact(session, row, TODAY + timedelta(days=days), method="phone").id
    today = TODAY + timedelta(days=2)
    if is_taken:
        close(quick, today=today)
        assert only_action(quick).proof.contact_id == quick["proof"]
    else:
        with pytest.raises(RefusedError) as refused:
            close(quick, today=today)
        assert problems(refused) == [(ProblemKey.PROOF, "proof")]
        assert refused.value.problems[0].facts == {"since": TODAY, "today": today}


def test_a_contact_that_does_not_exist_shows_nothing(quick):
    take(quick)
    with pytest.raises(RefusedError):
        close(quick, proof_contact_id=424_242)


def test_contacts_are_offered_latest_first_between_the_days_and_none_of_a_foreign_branch(world):
    with reading() as session:
        asked = {"actor": world["li"], "since": LAST_WEEK + timedelta(days=4), "until": TODAY}
        mine = proofs_of(session, branch_id=world["mine"], **asked)
        foreign = proofs_of(session, branch_id=world["other"], **asked)
    assert [one.contact_on for one in mine] == [TODAY, LAST_WEEK + timedelta(days=4)]
    assert foreign == ()


def test_owner_and_due_date_change_hands_with_both_values_in_the_trail(world):
    take(world)
    head = {"owner": "li", "due_on": LATER}
    change(world, **head)
    action = only_action(world)
    assert (action.owner, action.due_on, action.expires_on, action.version) == (
        "li",
        LATER,
        LATER + timedelta(days=28),
        2,
    )
    with reading() as session:
        audit = session.scalars(select(AuditRow).where(AuditRow.action == "change")).one()
    assert (audit.before["due_on"], audit.after["due_on"]) == (TODAY.isoformat(), LATER.isoformat())
    assert audit.user_id == world["li"].user_id


def test_the_second_of_two_who_change_an_action_sees_what_stands_now(world):
    take(world)
    change(world)
    with pytest.raises(ChangedByOtherError) as refused:
        change(world, key="c2", due_on=TODAY + timedelta(days=1))
    assert (refused.value.current["owner"], refused.value.current["due_on"]) == ("li", LATER)
    assert only_action(world).due_on == LATER


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"owner": "wu"}, (ProblemKey.OWNER, "owner")),
        ({"due_on": TODAY - timedelta(days=1)}, (ProblemKey.DUE_IN_PAST, "due_on")),
        ({"due_on": date(2099, 1, 1)}, (ProblemKey.TOO_FAR, "due_on")),
    ],
    ids=["stranger", "yesterday", "in a lifetime"],
)
def test_a_change_needs_an_owner_of_the_branch_and_a_day_ahead(quick, more, key):
    take(quick)
    with pytest.raises(RefusedError) as refused:
        change(quick, **more)
    assert problems(refused) == [key]


def test_an_overdue_action_may_change_hands_without_a_new_date(quick):
    take(quick)
    change(quick, due_on=TODAY, today=TODAY + timedelta(days=3))
    assert (only_action(quick).version, only_action(quick).due_on) == (2, TODAY)


@pytest.mark.parametrize("verb", [finish, drop, change_action], ids=lambda verb: verb.__name__)
def test_an_expired_action_is_neither_closed_nor_changed(quick, verb):
    take(quick)
    more = {"owner": "li", "due_on": TODAY + timedelta(days=60), "reason": None} if verb is change_action else {}
    more.pop("reason", None)
    with pytest.raises(RefusedError) as refused:
        close(quick, verb, today=TODAY + timedelta(days=29), **more)
    assert problems(refused) == [(ProblemKey.EXPIRED, "action")]


def test_nobody_changes_a_foreign_action_and_a_branch_head_none(world):
    take(world)
    for actor in (supervisor("wu"), head_of(world["mine"])):
        with pytest.raises(NotAllowedError):
            change(world, actor=actor)


def test_a_dropped_action_keeps_the_chosen_reason_and_the_words(world):
    take(world)
    close(world, drop, dismissal="cause_gone", reason="")
    action = only_action(world)
    assert (action.dismissal, action.dismissed_reason, action.taken_on) == ("cause_gone", None, TODAY)
