from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.coaching.contacts import ContactEntry
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import ContactMethod, StaffRole
from db.access import NotAllowedError
from db.changes import utc_now
from db.contact_list import recent_contacts
from db.contacts import already_logged, record_contacts, reference_fingerprint
from db.engine import reading, writing
from db.models import (
    AuditRow,
    BranchRow,
    ContactPersonWeekRow,
    ContactRow,
    ContactWeekRow,
    ImportBatchRow,
    StaffRow,
    UserRow,
)
from db.rollups import rollup_differences
from db.staff import people_in_post, roles_in_post
from tests.builders import ADMIN, add_branch, add_contact, add_staff, head_of, supervisor

TODAY = date(2026, 11, 22)  # a Sunday
MONDAY = date(2026, 11, 16)


@pytest.fixture
def world(store):
    """A branch of Li with a head and a wealth manager, a branch of Wu, and Li's account."""
    with writing() as session:
        user = UserRow(username="li", display_name="李明", role="supervisor", password_hash="x", created_at=utc_now())
        branch, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu")
        head = add_staff(session, branch, "H1", role=StaffRole.BRANCH_HEAD)
        seller = add_staff(session, branch, "W1", joined_on=date(2026, 3, 1))
        gone = add_staff(session, branch, "W0", left_on=date(2026, 11, 10))
        stranger = add_staff(session, other, "W2")
        session.add(user)
        session.flush()
        return {
            "branch": branch.id,
            "other": other.id,
            "head": head.id,
            "seller": seller.id,
            "gone": gone.id,
            "stranger": stranger.id,
            "li": replace(supervisor("li"), user_id=user.id),
        }


def entry(world, **more):
    given = {"contact_on": TODAY, "method": ContactMethod.VISIT, "staff_ids": (world["seller"],), "minutes": 30}
    return ContactEntry(**(given | more))


def log(world, given, *, key="k1", actor=None, branch=None, **more):
    with writing() as session:
        return record_contacts(
            session,
            actor=actor or world["li"],
            branch_id=branch or world["branch"],
            entry=given,
            today=TODAY,
            key=key,
            **more,
        )


def stored():
    with reading() as session:
        return list(session.scalars(select(ContactRow).order_by(ContactRow.id)))


def problems_of(world, given, **more):
    with pytest.raises(RefusedError) as refused:
        log(world, given, **more)
    assert stored() == []
    return [problem.key for problem in refused.value.problems]


def test_one_call_stores_a_contact_for_each_person_and_each_role(world):
    given = entry(
        world,
        staff_ids=(world["head"], world["seller"]),
        roles=(StaffRole.TELLER,),
        topic="selling_skill",
        next_step=" 下周演练 ",
        note="",
    )
    result = log(world, given)
    assert (result.contacts, result.is_late) == (3, False)
    rows = stored()
    assert [(row.staff_id, row.role) for row in rows] == [
        (world["head"], "branch_head"),
        (world["seller"], "wealth_manager"),
        (None, "teller"),
    ]
    assert {(row.contact_on, row.week_start, row.method, row.minutes) for row in rows} == {(TODAY, MONDAY, "visit", 30)}
    assert {(row.topic, row.next_step, row.note, row.supervisor) for row in rows} == {
        ("selling_skill", "下周演练", None, "li")
    }
    assert {row.logged_by for row in rows} == {world["li"].user_id}
    assert [row.contact_ref for row in rows] == ["k1-0", "k1-1", "k1-2"]
    assert [row.fingerprint for row in rows] == [reference_fingerprint(f"k1-{number}") for number in range(3)]


def test_the_weekly_rollups_hold_the_contacts_at_once(world):
    log(world, entry(world, staff_ids=(world["head"], world["seller"]), topic="selling_skill", minutes=10))
    with reading() as session:
        weeks = session.execute(
            select(ContactWeekRow.role, ContactWeekRow.contacts, ContactWeekRow.days_mask, ContactWeekRow.deep)
            .where(ContactWeekRow.branch_id == world["branch"])
            .order_by(ContactWeekRow.role)
        ).all()
        people = session.scalars(select(ContactPersonWeekRow.staff_id).order_by(ContactPersonWeekRow.staff_id)).all()
        assert [tuple(week) for week in weeks] == [
            ("branch_head", 1, 0b1000000, 1),
            ("wealth_manager", 1, 0b1000000, 1),
        ]
        assert people == [world["head"], world["seller"]]
        assert rollup_differences(session) == []


def test_a_second_submit_with_the_same_key_stores_nothing_more(world):
    first, second = log(world, entry(world)), log(world, entry(world))
    assert first == second
    assert len(stored()) == 1


def test_a_late_entry_is_stored_and_marked(world):
    result = log(world, entry(world, contact_on=TODAY - timedelta(days=4)))
    assert result.is_late
    assert [row.is_late for row in stored()] == [True]


def test_every_contact_leaves_an_audit_row_with_whom_and_what_was_said(world):
    log(world, entry(world, note="谈了培训", next_step="周五演练", topic="selling_skill", roles=(StaffRole.TELLER,)))
    with reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.subject, row.subject_id) for row in rows] == [
        ("record", "contact", str(n)) for n in (1, 2)
    ]
    assert {row.user_id for row in rows} == {world["li"].user_id}
    shared = {
        "branch": "B1",
        "contact_on": "2026-11-22",
        "method": "visit",
        "minutes": 30,
        "is_usual_minutes": False,
        "topic": "selling_skill",
        "note": "谈了培训",
        "next_step": "周五演练",
        "is_late": False,
    }
    assert [row.after for row in rows] == [
        {"role": "wealth_manager", "staff_code": "W1", **shared},
        {"role": "teller", "staff_code": None, **shared},
    ]


def test_the_same_people_and_day_are_pointed_out(world):
    log(world, entry(world, roles=(StaffRole.TELLER,)))
    with pytest.raises(RefusedError) as refused:
        log(world, entry(world, roles=(StaffRole.TELLER,)), key="k2")
    problem = refused.value.problems[0]
    assert problem.key is ProblemKey.ALREADY_LOGGED
    assert problem.facts == {"people": ["员工W1"], "roles": ["teller"]}
    assert len(stored()) == 2


@pytest.mark.parametrize("is_another", [False, True], ids=["", "another contact"])
def test_a_person_and_the_group_of_his_role_are_not_one_meeting_stored_twice(world, is_another):
    both = entry(world, roles=(StaffRole.WEALTH_MANAGER, StaffRole.TELLER))
    assert problems_of(world, both, is_another=is_another) == [ProblemKey.PERSON_AND_GROUP]
    assert log(world, replace(both, staff_ids=(world["head"],))).contacts == 3


def test_another_contact_of_the_same_day_is_stored_when_said_so(world):
    log(world, entry(world))
    log(world, entry(world), key="k2", is_another=True)
    assert len(stored()) == 2


def test_another_day_is_no_duplicate(world):
    log(world, entry(world))
    log(world, entry(world, contact_on=TODAY - timedelta(days=1)), key="k2")
    assert len(stored()) == 2


def test_a_duplicate_is_pointed_out_whatever_the_method_and_whenever_it_was_logged(world):
    """A group meets the people in it, and they the group."""
    log(world, entry(world))
    with writing() as session:
        session.scalars(select(ContactRow)).one().logged_at = utc_now() - timedelta(hours=13)
    with_group = entry(world, staff_ids=(), roles=(StaffRole.WEALTH_MANAGER,))
    cases = [
        (entry(world, method=ContactMethod.PHONE), True),
        (with_group, True),
        (entry(world, staff_ids=(), roles=(StaffRole.TELLER,)), False),
        (entry(world, staff_ids=(world["head"],)), False),
    ]
    with reading() as session:
        for given, is_again in cases:
            found = already_logged(session, actor=world["li"], branch_id=world["branch"], entry=given)
            assert bool(found) is is_again
    with writing() as session:
        session.scalars(select(ContactRow)).one().staff_id = None
    with reading() as session:
        assert already_logged(session, actor=world["li"], branch_id=world["branch"], entry=entry(world))


def test_an_imported_contact_of_the_day_counts_as_logged(world):
    with writing() as session:
        session.add(
            ContactRow(
                fingerprint=7,
                contact_on=TODAY,
                week_start=MONDAY,
                branch_id=world["branch"],
                staff_id=world["seller"],
                role="wealth_manager",
                method="visit",
            )
        )
    with reading() as session:
        assert already_logged(session, actor=world["li"], branch_id=world["branch"], entry=entry(world))


@pytest.mark.parametrize(
    "note", ["客户电话13812345678", "身份证11010519491231002X", "卡号6222021234567890", "a@b.example.cn"]
)
@pytest.mark.parametrize("place", ["note", "next_step", "topic"])
def test_a_number_of_a_person_is_refused_in_every_free_text(world, place, note):
    assert problems_of(world, entry(world, **{place: note})) == [ProblemKey.PERSONAL_NUMBER]


def test_a_refusal_does_not_repeat_the_number(world):
    with pytest.raises(RefusedError) as refused:
        log(world, entry(world, note="客户电话13812345678"))
    assert "138" not in str(refused.value)


def test_what_is_wrong_comes_all_at_once_and_nothing_is_stored(world):
    given = entry(world, contact_on=TODAY + timedelta(days=1), minutes=700, staff_ids=())
    assert problems_of(world, given) == [ProblemKey.NOBODY, ProblemKey.IN_FUTURE, ProblemKey.MINUTES]


@pytest.mark.parametrize("who", ["stranger", "gone"])
def test_a_person_of_another_branch_or_out_of_post_is_refused(world, who):
    assert problems_of(world, entry(world, staff_ids=(world[who],))) == [ProblemKey.NOT_IN_BRANCH]


def test_a_person_who_left_can_be_logged_for_a_day_in_post(world):
    assert log(world, entry(world, staff_ids=(world["gone"],), contact_on=date(2026, 11, 10))).contacts == 1


def test_a_closed_branch_takes_no_contact(world):
    with writing() as session:
        closed = add_branch(session, "B9", status="closed").id
    assert problems_of(world, entry(world, staff_ids=(), roles=(StaffRole.TELLER,)), branch=closed) == [
        ProblemKey.CLOSED
    ]


@pytest.mark.parametrize("branch", ["other", "none"])
def test_a_foreign_branch_answers_like_one_that_does_not_exist(world, branch):
    with pytest.raises(NotAllowedError, match=r"^not one of your branches$"):
        log(world, entry(world), branch=world.get(branch, 999))


def test_a_branch_head_cannot_log(world):
    with pytest.raises(NotAllowedError):
        log(world, entry(world), actor=head_of(world["branch"]))


def test_the_latest_contacts_come_newest_first(world):
    for number, day in enumerate((date(2026, 11, 2), date(2026, 11, 20), date(2026, 11, 9))):
        log(world, entry(world, contact_on=day, note=f"n{number}"), key=f"k{number}")
    with reading() as session:
        table = recent_contacts(session, actor=world["li"], branch_id=world["branch"], limit=2)
        assert table["contact_on"].to_pylist() == [date(2026, 11, 20), date(2026, 11, 9)]
        assert table["staff_name"].to_pylist() == ["员工W1", "员工W1"]
        assert recent_contacts(session, actor=world["li"], branch_id=world["other"]).num_rows == 0


def test_contacts_are_read_on_from_one_back_none_left_out(world):
    for number, day in enumerate((20, 20, 9, 2)):
        log(world, entry(world, contact_on=date(2026, 11, day)), key=f"k{number}", is_another=True)
    pages, before = [], None
    with reading() as session:
        while not pages or pages[-1]:
            table = recent_contacts(session, actor=ADMIN, branch_id=world["branch"], limit=1, before=before)
            pages.append(table.select(["contact_on", "contact_id"]).to_pylist())
            before = tuple(pages[-1][0].values()) if pages[-1] else None
        until = (date(2026, 11, 10), 0)
        found = recent_contacts(session, actor=ADMIN, branch_id=world["branch"], before=until)
    assert [(one["contact_on"].day, one["contact_id"]) for (one,) in pages[:-1]] == [(20, 2), (20, 1), (9, 3), (2, 4)]
    assert found["contact_id"].to_pylist() == [3, 4]


def test_a_like_contact_an_import_brings_later_is_pointed_out_with_the_one_logged_by_hand(world):
    log(world, entry(world))
    moment = stored()[0].logged_at
    with writing() as session:
        branch = session.get_one(BranchRow, world["branch"])
        batches = []
        for hours in (-1, 1):
            batch = ImportBatchRow(
                imported_at=moment + timedelta(hours=hours), source_names="x", digest=f"d{hours}", counts={}
            )
            session.add(batch)
            session.flush()
            batches.append(batch.id)
        staff = session.get_one(StaffRow, stored()[0].staff_id)
        for number, (batch, day) in enumerate([(0, TODAY), (1, TODAY), (1, TODAY - timedelta(days=1))], start=50):
            row = add_contact(session, branch, day, staff=staff)
            row.fingerprint, row.import_batch_id, row.logged_at = number, batches[batch], None
    with reading() as session:
        table = recent_contacts(session, actor=ADMIN, branch_id=world["branch"])
    assert dict(zip(table["contact_id"].to_pylist(), table["is_twice"].to_pylist(), strict=True)) == {
        1: True,
        2: False,
        3: True,
        4: False,
    }


def test_a_branch_head_reads_no_notes(world):
    log(world, entry(world, note="内部", next_step="下周"))
    with reading() as session:
        table = recent_contacts(session, actor=head_of(world["branch"]), branch_id=world["branch"])
        assert (table["note"].to_pylist(), table["next_step"].to_pylist()) == ([None], [None])
        assert recent_contacts(session, actor=ADMIN, branch_id=world["branch"])["note"].to_pylist() == ["内部"]


def test_people_in_post_come_by_role_with_their_last_contact(world):
    log(world, entry(world, contact_on=date(2026, 11, 20)))
    log(world, entry(world, staff_ids=(), roles=(StaffRole.BRANCH_HEAD,)), key="k2")
    with reading() as session:
        people = people_in_post(session, actor=world["li"], branch_id=world["branch"], on=TODAY)
    assert [(one.staff_code, one.role, one.last_contact_on) for one in people] == [
        ("H1", StaffRole.BRANCH_HEAD, None),
        ("W1", StaffRole.WEALTH_MANAGER, date(2026, 11, 20)),
    ]


@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2026, 2, 28), ["H1", "W0"]),
        (date(2026, 3, 1), ["H1", "W0", "W1"]),
        (date(2026, 11, 10), ["H1", "W0", "W1"]),
        (date(2026, 11, 11), ["H1", "W1"]),
    ],
)
def test_both_ends_of_a_post_are_included(world, on, codes):
    with reading() as session:
        found = people_in_post(session, actor=world["li"], branch_id=world["branch"], on=on)
    assert sorted(one.staff_code for one in found) == sorted(codes)


def test_the_posts_filled_are_unknown_where_nobody_was_ever_recorded(world):
    with writing() as session:
        empty, left = add_branch(session, "B7"), add_branch(session, "B8")
        add_staff(session, left, "L1", left_on=date(2026, 1, 1))
        ids = world["branch"], empty.id, left.id
    with reading() as session:
        answers = [roles_in_post(session, actor=world["li"], branch_id=one, on=TODAY) for one in ids]
    assert answers == [frozenset({StaffRole.BRANCH_HEAD, StaffRole.WEALTH_MANAGER}), None, frozenset()]
