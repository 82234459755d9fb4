from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from core.facts import UserRole
from db.changes import utc_now
from db.engine import reading, writing
from db.models import BranchRow, ContactRow, ImportBatchRow
from db.rollups import rebuild_rollups
from pages.parts.session import today
from tests.builders import add_branch, add_contact
from tests.pages.branch_world import make_branch_world
from tests.screens import both_values, screen


@pytest.fixture
def world(sqlite_store):
    """A contact logged by hand today and one that came with an import."""
    found = make_branch_world()
    with writing(sqlite_store) as session:
        branch = session.get_one(BranchRow, found.branch)
        add_contact(session, branch, today() - timedelta(days=5), role="teller")
        add_contact(session, branch, today(), role="teller", minutes=30, logged_at=utc_now())
        rebuild_rollups(session)
    return sqlite_store


def picked(store, row, **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li", "query": {"branch": "B1"}} | more
    app = screen(store, "branch", **given)
    app.toggle(key="branch_show_contacts").set_value(True).run()
    app.session_state["branch_contacts"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def send(app):
    next(one for one in app.button if one.key and one.key.startswith("correct_save")).click().run()
    assert not app.exception


def minutes(app):
    return next(one for one in app.number_input if one.key.startswith("correct_minutes"))


def test_a_contact_logged_by_hand_is_corrected_and_marked(world):
    app = picked(world, 0)
    minutes(app).set_value(45)
    send(app)
    with reading(world) as session:
        assert [(row.minutes, row.version) for row in session.scalars(select(ContactRow).order_by(ContactRow.id))] == [
            (None, 1),
            (45, 2),
        ]
    rows = next(frame.value for frame in app.dataframe if "marks" in frame.value.columns)
    assert rows["marks"].iloc[0] == "Corrected"
    assert list(rows.columns)[:3] == ["contact_on", "whom", "topic"]
    assert any("Corrected and marked" in one.value for one in app.success)


def test_the_second_of_two_sees_what_the_first_made_of_it(world):
    app = picked(world, 0)
    with writing(world) as session:
        row = session.scalars(select(ContactRow).where(ContactRow.minutes == 30)).one()
        row.minutes, row.version = 15, 2
    minutes(app).set_value(45)
    send(app)
    assert "Somebody else changed this" in app.error[0].value
    assert both_values(app) == {"Minutes": ("15", "45")}
    with reading(world) as session:
        assert 15 in session.scalars(select(ContactRow.minutes)).all()
    app.run()
    assert both_values(app) == {"Minutes": ("15", "45")}
    next(one for one in app.button if one.key.endswith("_keep_stored")).click().run()
    assert not app.exception
    assert not both_values(app)
    assert minutes(app).value == 15


def test_the_second_of_two_may_put_his_own_in_its_place(world):
    app = picked(world, 0)
    with writing(world) as session:
        row = session.scalars(select(ContactRow).where(ContactRow.minutes == 30)).one()
        row.minutes, row.version = 15, 2
        contact_id = row.id
    minutes(app).set_value(45)
    send(app)
    next(one for one in app.button if one.key.endswith("_store_mine")).click().run()
    assert not app.exception
    with reading(world) as session:
        assert session.get_one(ContactRow, contact_id).minutes == 45
    assert any("Corrected and marked" in one.value for one in app.success)


def test_an_imported_contact_is_corrected_by_its_import(world):
    app = picked(world, 1)
    assert any("came with an import" in one.value for one in app.caption)


def test_a_contact_logged_by_mistake_is_withdrawn_with_a_reason(world):
    app = picked(world, 0)
    next(one for one in app.toggle if one.key.startswith("withdraw_")).set_value(True).run()
    next(one for one in app.text_input if "_withdraw_" in one.key).set_value("登记错网点")
    next(one for one in app.button if one.key and "_withdraw_" in one.key).click().run()
    assert not app.exception
    with reading(world) as session:
        assert [row.logged_at for row in session.scalars(select(ContactRow))] == [None]
    assert any("Withdrawn: it counts no more" in one.value for one in app.success)
    assert not app.warning
    assert not any(one.key and "_withdraw_" in one.key for one in app.button)


@pytest.mark.parametrize(
    ("language", "word", "stays"),
    [
        pytest.param("en", "Minutes", "(stays as stored)", id="en"),
        pytest.param("zh", "分钟", "\uff08保持现存内容\uff09", id="zh"),
    ],
)
def test_whoever_withdraws_a_contact_sees_what_a_colleague_changed_of_it(world, language, word, stays):
    app = picked(world, 0, language=language)
    next(one for one in app.toggle if one.key.startswith("withdraw_")).set_value(True).run()
    with writing(world) as session:
        row = session.scalars(select(ContactRow).where(ContactRow.minutes == 30)).one()
        row.minutes, row.version = 15, 2
    next(one for one in app.text_input if "_withdraw_" in one.key).set_value("登记错网点")
    next(one for one in app.button if one.key and "_withdraw_" in one.key).click().run()
    assert both_values(app)[word] == ("15", stays)
    assert len(both_values(app)) == 2  # and the reason
    next(one for one in app.button if one.key.endswith("_keep_stored")).click().run()
    assert not app.exception
    assert minutes(app).value == 15
    next(one for one in app.text_input if "_withdraw_" in one.key).set_value("登记错网点")
    next(one for one in app.button if one.key and "_withdraw_" in one.key).click().run()
    assert not both_values(app)
    with reading(world) as session:
        assert len(session.scalars(select(ContactRow)).all()) == 1


def test_the_only_contact_withdrawn_says_so(world):
    with writing(world) as session:
        session.execute(delete(ContactRow).where(ContactRow.minutes.is_(None)))
    app = picked(world, 0)
    next(one for one in app.toggle if one.key.startswith("withdraw_")).set_value(True).run()
    next(one for one in app.text_input if "_withdraw_" in one.key).set_value("登记错网点")
    next(one for one in app.button if one.key and "_withdraw_" in one.key).click().run()
    assert any("Withdrawn: it counts no more" in one.value for one in app.success)


def test_whom_it_was_with_is_corrected(world):
    app = picked(world, 0)
    next(one for one in app.selectbox if one.key.startswith("correct_whom")).set_value((0, "branch_head"))
    send(app)
    with reading(world) as session:
        assert "branch_head" in session.scalars(select(ContactRow.role)).all()


def test_the_contact_somebody_corrects_stays_picked_when_another_is_logged_and_is_said_to_be_gone(world):
    app = picked(world, 0)
    with writing(world) as session:
        mine = session.scalars(select(ContactRow).where(ContactRow.minutes == 30)).one().id
        branch = session.scalars(select(BranchRow)).first()
        newer = add_contact(session, branch, today(), role="branch_head", minutes=10, logged_at=utc_now()).id
    minutes(app).set_value(45)
    send(app)
    with reading(world) as session:
        assert (session.get_one(ContactRow, mine).minutes, session.get_one(ContactRow, newer).minutes) == (45, 10)
    with writing(world) as session:
        session.delete(session.get_one(ContactRow, mine))
    app.run()
    assert "is gone" in app.warning[0].value
    assert not any(one.key.startswith("correct_minutes") for one in app.number_input)


def test_nothing_is_said_to_be_gone_where_another_branch_is_opened(world):
    app = picked(world, 0)
    with writing(world) as session:
        branch = add_branch(session, "B8", supervisor="li")
        add_contact(session, branch, today(), role="teller", logged_at=utc_now())
    app.query_params["branch"] = "B8"
    app.run()
    assert not app.exception
    assert not [one.value for one in app.warning if "is gone" in one.value]
    assert not any(one.key.startswith("correct_minutes") for one in app.number_input)


def days_listed(app):
    return list(next(one.value for one in app.dataframe if "marks" in one.value.columns)["contact_on"])


def test_older_contacts_are_reached_by_turning_back_and_by_a_day(world):
    with writing(world) as session:
        branch = session.scalars(select(BranchRow).where(BranchRow.branch_code == "B1")).one()
        for number in range(21):
            row = add_contact(
                session, branch, today() - timedelta(days=10 + number), role="teller", logged_at=utc_now()
            )
            row.fingerprint = 1_000 + number
    app = picked(world, 0)
    assert len(days_listed(app)) == 20
    app.button(key="branch_contacts_next").click().run()
    assert len(days_listed(app)) == 3
    app.session_state["branch_contacts"] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    app.run()
    minutes(app).set_value(45)
    send(app)
    with reading(world) as session:
        (row,) = session.scalars(select(ContactRow).where(ContactRow.version > 1))
        assert (row.contact_on, row.minutes) == (today() - timedelta(days=30), 45)
    app.button(key="branch_contacts_newest").click().run()
    assert len(days_listed(app)) == 20
    app.date_input(key="branch_contacts_until").set_value(today() - timedelta(days=29)).run()
    assert [str(one)[:10] for one in days_listed(app)] == [str(today() - timedelta(days=number)) for number in (29, 30)]
    app.date_input(key="branch_contacts_until").set_value(today() - timedelta(days=40)).run()
    assert not app.exception
    assert any("up to this day" in one.value for one in [*app.info, *app.markdown, *app.caption])


def test_a_contact_logged_late_says_after_how_many_days(world):
    with writing(world) as session:
        row = session.scalars(select(ContactRow).where(ContactRow.logged_at.is_not(None))).one()
        row.contact_on, row.is_late, row.is_usual_minutes = today() - timedelta(days=4), True, True
    app = picked(world, 0)
    rows = next(one.value for one in app.dataframe if "marks" in one.value.columns)
    assert list(rows["marks"]) == ["Logged 4 days later · Minutes as usual", ""]
    assert list(rows["whom"]) == ["Teller", "Teller"]


def test_a_contact_that_came_by_hand_and_by_an_import_is_pointed_out(world):
    with writing(world) as session:
        by_hand = session.scalars(select(ContactRow).where(ContactRow.logged_at.is_not(None))).one()
        branch = session.get_one(BranchRow, by_hand.branch_id)
        batch = ImportBatchRow(
            imported_at=by_hand.logged_at + timedelta(hours=1), source_names="x", digest="x", counts={}
        )
        session.add(batch)
        session.flush()
        add_contact(session, branch, by_hand.contact_on, role="teller", import_batch_id=batch.id)
    app = picked(world, 0)
    rows = next(one.value for one in app.dataframe if "marks" in one.value.columns)
    assert list(rows["marks"]) == ["Perhaps twice", "Perhaps twice", ""]
    assert any("2 of these may be one contact twice" in one.value for one in app.caption)
