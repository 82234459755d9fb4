from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.calendar import week_start_of
from core.facts import StaffRole, UserRole
from core.language.days import day_word, near_day_word
from core.notes.handover import HandoverKind
from core.notes.notes import Kept, NoteEntry
from core.planning.items import PlanKind, PlanLine
from db.coaching_notes import acknowledge_note, notes_of_branch, settle_commitment, write_note
from db.engine import reading, writing
from db.handovers import take_over
from db.models import BranchRow, HandoverReadRow, UserRow
from db.planning import add_item
from pages.parts.session import now, today
from tests.builders import (
    ADMIN,
    add_branch,
    add_contact,
    add_staff,
    add_supervisor_change,
    head_of,
    supervisor,
)
from tests.running import add_user
from tests.screens import both_values, screen, screen_of

QUERY = {"branch": "B1"}


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def branch(store):
    with writing(store) as session:
        row = add_branch(session, "B1")
        add_branch(session, "B2")
        return row.id


def of_li(store, name="notes", **more):
    return screen(store, name, role=UserRole.SUPERVISOR, username="li", query=QUERY, **more)


def of_head(store, name="notes"):
    return screen(store, name, role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")


def note(branch, *, shared=True, will="周五前讲一次", author=0, key="k", days_ago=0):
    day = today() - timedelta(days=days_ago)
    entry = NoteEntry(
        day, StaffRole.TELLER, "讲清产品", "还不熟", "演练", will, day + timedelta(days=7), is_shared=shared
    )
    with writing() as session:
        write_note(
            session, actor=replace(supervisor(), user_id=author), branch_id=branch, entry=entry, today=today(), key=key
        )


def saved(branch):
    with reading() as session:
        return notes_of_branch(session, actor=ADMIN, branch_id=branch)


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def li_id(store):
    with reading(store) as session:
        return session.scalar(select(UserRow.id).where(UserRow.username == "li"))


def opened(app, row=0):
    app.session_state["notes_list"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def drawn(kind, form, field):
    """The input of a form, whatever number of drawings its key ends with."""
    return next(one for one in kind if (one.key or "").startswith(f"{form}_{field}"))


def press(app, key):
    next(one for one in app.button if one.key == key).click().run()
    assert not app.exception
    return app


def settle_in_list(app, note_id, kept, outcome=""):
    form = f"notes_settle_{note_id}"
    app.selectbox(key=f"{form}_kept").set_value(kept)
    app.text_input(key=f"{form}_outcome").set_value(outcome)
    return press(app, f"{form}_save")


def fill(app, form, **texts):
    for field, typed in texts.items():
        drawn(app.text_area, form, field).set_value(typed)
    next(one for one in app.button if one.key == f"{form}_save").click().run()
    assert not app.exception
    return app


def test_a_note_is_written_and_its_commitment_stands_open_on_the_page(store, branch):
    app = of_li(store)
    app.session_state["notes_new_box"] = True
    app.run()
    fill(app, "notes_new_B1", goal="讲清产品", will="周五前讲一次")
    assert [(one.entry.goal, one.entry.will, one.entry.is_shared) for one in saved(branch)] == [
        ("讲清产品", "周五前讲一次", False)
    ]
    assert "Stored" in words(app)
    assert "周五前讲一次" in words(app)
    assert drawn(app.text_area, "notes_new_B1", "goal").value == ""


def test_a_shared_note_does_not_share_the_next_one(store, branch):
    app = of_li(store)
    app.session_state["notes_new_box"] = True
    app.run()
    drawn(app.checkbox, "notes_new_B1", "is_shared").set_value(True)
    fill(app, "notes_new_B1", goal="讲清产品", will="给网点负责人")
    assert drawn(app.checkbox, "notes_new_B1", "is_shared").value is False
    fill(app, "notes_new_B1", goal="讲清费用", will="只给自己")
    assert [(one.entry.will, one.entry.is_shared) for one in saved(branch)] == [
        ("只给自己", False),
        ("给网点负责人", True),
    ]


def test_a_note_not_saved_comes_back_when_the_form_is_opened_again_and_can_be_discarded(store, branch):
    app = of_li(store)
    app.session_state["notes_new_box"] = True
    app.run()
    texts = {"goal": "讲清产品", "reality": "还不熟", "options": "演练", "will": "周五前讲一次"}
    for field, typed in texts.items():
        drawn(app.text_area, "notes_new_B1", field).set_value(typed)
    for is_open in (False, True):
        app.session_state["notes_new_box"] = is_open
        app.run()
    assert {field: drawn(app.text_area, "notes_new_B1", field).value for field in texts} == texts
    press(app, "notes_new_B1_discard")
    assert {field: drawn(app.text_area, "notes_new_B1", field).value for field in texts} == dict.fromkeys(texts, "")


def test_a_change_not_saved_comes_back_and_is_held_against_what_it_was_typed_beside(store, branch):
    app = of_li(store)
    note(branch, author=li_id(store))
    app.run()
    opened(app)
    (known,) = saved(branch)
    switch, form = f"notes_open_change_{known.note_id}", f"notes_change_{known.note_id}"
    app.toggle(key=switch).set_value(True).run()
    drawn(app.text_area, form, "goal").set_value("讲清费用")
    app.toggle(key=switch).set_value(False).run()
    theirs(known.note_id)
    app.toggle(key=switch).set_value(True).run()
    assert drawn(app.text_area, form, "goal").value == "讲清费用"
    press(app, f"{form}_save")
    assert both_values(app)["Goal"] == ("讲清产品", "讲清费用")
    assert saved(branch)[0].entry.goal == "讲清产品"


def test_a_note_without_a_commitment_is_refused_and_what_was_typed_stays(store, branch):
    app = of_li(store)
    app.session_state["notes_new_box"] = True
    app.run()
    fill(app, "notes_new_B1", goal="讲清产品")
    assert saved(branch) == ()
    assert "cannot stay empty" in words(app)
    assert drawn(app.text_area, "notes_new_B1", "goal").value == "讲清产品"


@pytest.mark.parametrize("reader", [of_li, of_head])
def test_the_page_of_the_branch_names_what_is_promised_and_leads_to_the_notes(store, branch, reader):
    note(branch)
    app = reader(store, "branch")
    assert "周五前讲一次" in words(app)
    assert "Open the coaching notes" in [link.proto.label for link in app.get("page_link")]


def test_the_commitment_comes_back_at_the_next_contact_and_is_settled_there(store, branch):
    note(branch, days_ago=9)
    app = of_li(store, "log_contact")
    assert "周五前讲一次" in words(app)
    assert "Overdue" in words(app)
    note_id = saved(branch)[0].note_id
    app.toggle(key=f"notes_settle_{note_id}").set_value(True).run()
    settle_in_list(app, note_id, "kept")
    assert saved(branch)[0].kept == "kept"
    assert "Settled" in words(app)
    assert "not settled yet" not in words(app)


def test_a_head_reads_a_shared_note_and_says_so(store, branch):
    note(branch)
    note(branch, shared=False, will="内部", key="2")
    app = of_head(store)
    assert "内部" not in words(app)
    opened(app)
    assert "讲清产品" in words(app)
    app.button(key=f"notes_read_{saved(branch)[1].note_id}").click().run()
    assert not app.exception
    assert saved(branch)[1].acknowledged_on == today()


def test_the_overview_tells_a_head_how_many_notes_he_has_to_read(store, branch):
    note(branch)
    note(branch, key="2")
    note(branch, shared=False, key="3")
    app = of_head(store, "overview")
    (label,) = [link.proto.label for link in app.get("page_link") if "notes" in link.proto.label]
    assert label == "Coaching notes to read: 2"
    with writing() as session:
        for one in saved(branch)[1:]:
            key, read = f"read {one.note_id}", {"shown_version": 1, "today": today()}
            acknowledge_note(session, actor=head_of(branch), note_id=one.note_id, key=key, **read)
    labels = [link.proto.label for link in app.run().get("page_link")]
    assert not [label for label in labels if "notes to read" in label]


def test_the_newest_unread_note_is_open_with_its_button_and_marked_new(store, branch):
    note(branch, will="旧的", days_ago=3)
    note(branch, key="2")
    newest, older = saved(branch)
    app = of_head(store)
    assert list(app.dataframe(key="notes_list").value["reading"]) == ["New, to be read"] * 2
    press(app, f"notes_read_{newest.note_id}")
    read = day_word("en", today())
    assert list(app.dataframe(key="notes_list").value["reading"]) == [read, "New, to be read"]
    with writing() as session:
        acknowledge_note(
            session, actor=head_of(branch), note_id=older.note_id, shown_version=1, today=today(), key="other"
        )
    press(app, f"notes_read_{older.note_id}")
    assert "marked as read already" in "".join(one.value for one in app.info)


def test_an_opened_note_says_its_own_state(store, branch):
    note(branch, days_ago=9)
    app = opened(of_li(store))
    day, due = day_word("en", today() - timedelta(days=9)), day_word("en", today() - timedelta(days=2))
    said = words(app)
    assert f"the command line, {day} · Teller · Shared with the branch head · Not read yet" in said
    assert f"Open, overdue since {due}" in said
    (known,) = saved(branch)
    with writing() as session:
        acknowledge_note(
            session, actor=head_of(branch), note_id=known.note_id, shown_version=1, today=today(), key="read"
        )
    theirs(known.note_id, shown=2)
    told = day_word("en", today())
    assert f"Read, {told} · Kept, recorded on {told}" in words(app.run())


def test_the_author_changes_a_note_somebody_read_meanwhile_after_seeing_both(store, branch):
    app = of_li(store)
    note(branch, author=li_id(store))
    app.run()
    opened(app)
    (known,) = saved(branch)
    app.toggle(key=f"notes_open_change_{known.note_id}").set_value(True).run()
    with writing() as session:
        acknowledge_note(
            session, actor=head_of(branch), note_id=known.note_id, shown_version=1, today=today(), key="read"
        )
    form = f"notes_change_{known.note_id}"
    fill(app, form, goal="讲清费用")
    assert saved(branch)[0].entry.goal == "讲清产品"
    assert "Somebody else changed this" in words(app)
    assert both_values(app)["Goal"] == ("讲清产品", "讲清费用")
    assert both_values(app)["Read on"] == (day_word("en", today()), "(stays as stored)")
    app.button(key=f"{form}_store_mine").click().run()
    assert saved(branch)[0].entry.goal == "讲清费用"


def theirs(note_id, kept=Kept.KEPT, shown=1):
    with writing() as session:
        settle_commitment(
            session,
            actor=supervisor(),
            note_id=note_id,
            kept=kept,
            outcome="",
            shown_version=shown,
            today=today(),
            key="theirs",
        )


def test_a_careless_press_settles_nothing_and_says_what_to_choose(store, branch):
    note(branch)
    note_id = saved(branch)[0].note_id
    app = of_li(store)
    app.toggle(key=f"notes_settle_{note_id}").set_value(True).run()
    assert app.selectbox(key=f"notes_settle_{note_id}_kept").value is None
    press(app, f"notes_settle_{note_id}_save")
    assert "Choose first what became of the promise" in words(app)
    assert saved(branch)[0].kept is None
    opened(app)
    assert [one.label for one in app.button if (one.key or "").startswith("notes_settle_list_")] == []


def test_a_result_is_corrected_and_taken_back_in_the_opened_note(store, branch):
    note(branch)
    note_id = saved(branch)[0].note_id
    theirs(note_id)
    app = opened(of_li(store))
    form = f"notes_settle_list_{note_id}"
    app.toggle(key=f"notes_open_settle_{note_id}").set_value(True).run()
    assert app.selectbox(key=f"{form}_kept").value == "kept"
    assert next(one for one in app.button if one.key == f"{form}_save").label == "Correct the result"
    app.selectbox(key=f"{form}_kept").set_value("broken")
    app.text_input(key=f"{form}_outcome").set_value("休假")
    press(app, f"{form}_save")
    assert (saved(branch)[0].kept, saved(branch)[0].outcome) == ("broken", "休假")
    assert not app.toggle(key=f"notes_open_settle_{note_id}").value
    app.toggle(key=f"notes_open_settle_{note_id}").set_value(True).run()
    next(one for one in app.selectbox if one.key.startswith(f"{form}_kept")).set_value("open")
    press(app, f"{form}_save")
    assert saved(branch)[0].kept is None
    assert "Open again" in words(app)
    assert "not settled yet" in words(app)


@pytest.mark.parametrize(("button", "kept"), [("keep_stored", "kept"), ("store_mine", "broken")])
def test_a_commitment_a_colleague_settled_meanwhile_is_settled_as_the_reader_chooses(store, branch, button, kept):
    note(branch, days_ago=9)
    note_id = saved(branch)[0].note_id
    app = of_li(store)
    app.toggle(key=f"notes_settle_{note_id}").set_value(True).run()
    app.selectbox(key=f"notes_settle_{note_id}_kept").set_value("broken").run()
    theirs(note_id)
    settle_in_list(app, note_id, "broken", "休假")
    assert both_values(app)["What became of it"] == ("Kept", "Not kept")
    assert saved(branch)[0].kept == "kept"
    press(app, f"notes_settle_{note_id}_{button}")
    assert not both_values(app)
    assert saved(branch)[0].kept == kept
    assert "not settled yet" not in words(app)


def test_to_discard_what_was_typed_ends_the_choice_beside_it(store, branch):
    note(branch, days_ago=9)
    note_id = saved(branch)[0].note_id
    app = of_li(store)
    app.toggle(key=f"notes_settle_{note_id}").set_value(True).run()
    theirs(note_id)
    settle_in_list(app, note_id, "broken", "休假")
    assert both_values(app)
    press(app, f"notes_settle_{note_id}_discard")
    assert not both_values(app)
    assert saved(branch)[0].kept == "kept"


def test_a_result_not_recorded_comes_back_when_the_switch_is_turned_on_again(store, branch):
    note(branch)
    note_id = saved(branch)[0].note_id
    app = of_li(store)
    switch = f"notes_settle_{note_id}"
    app.toggle(key=switch).set_value(True).run()
    app.text_input(key=f"{switch}_outcome").set_value("说了一半")
    app.toggle(key=switch).set_value(False).run()
    app.toggle(key=switch).set_value(True).run()
    assert app.text_input(key=f"{switch}_outcome").value == "说了一半"


def test_nobody_changes_the_note_of_another(store, branch):
    app = of_li(store)
    note(branch)
    app.run()
    opened(app)
    assert not [one for one in app.toggle if (one.key or "").startswith("notes_open_change")]


def test_an_empty_branch_says_what_to_do_in_both_roles(store, branch):
    assert "Four short fields" in words(of_li(store))
    assert "shared with you yet" in words(of_head(store))


def test_a_new_head_makes_a_handover_that_is_taken_over_once(store, branch):
    with writing(store) as session:
        row = session.get_one(BranchRow, branch)
        person = add_staff(session, row, "H2", role=StaffRole.BRANCH_HEAD, joined_on=today() - timedelta(days=3))
        add_contact(session, row, today(), staff=person, topic="team_training", next_step="再约")
        line = PlanLine(PlanKind.CONTACT, branch_id=row.id, role=StaffRole.TELLER)
        add_item(
            session, actor=supervisor(), line=line, week_start=week_start_of(today()), now=now(), key="p", reason="新任"
        )
    note(branch)
    app = of_li(store, "handover")
    said = words(app)
    assert "Where it stands" in said
    assert "周五前讲一次" in said
    assert "Planned and not done" in said
    assert "Teller · Li" in said
    (button,) = [one for one in app.button if (one.key or "").startswith("handover_take")]
    press(app, button.key)
    with reading(store) as session:
        assert session.scalar(select(HandoverReadRow.kind)) == "branch_head"
    assert not [one for one in app.button if (one.key or "").startswith("handover_take")]
    assert f"taken over by Li on {day_word('en', today())}" in words(app)
    day = near_day_word("en", today(), today())
    listed = app.dataframe(key="handover_changes").value
    assert listed["taken_over"].tolist() == [f"{day} Li"]
    assert not {"taken_over_on", "taken_over_by"} & set(listed.columns)


def test_an_open_handover_stands_on_today_with_the_way_to_its_page(store, branch):
    with writing(store) as session:
        add_supervisor_change(session, branch, "chen", today())
    app = of_li(store, "today", language="zh")
    table = next(one.value for one in app.dataframe if one.key == "today_list")
    place = list(table["kind"]).index("接手网点")
    assert table["subject"][place] == "新督导"
    app.session_state["today_list"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert "查看交接页并确认接手" in [link.proto.label for link in app.get("page_link")]
    assert "由chen变更为Li" in words(app)
    assert len([one for one in app.text_input if one.key.startswith("today_snooze")]) == 1


def test_whoever_takes_over_second_is_told_who_was_first(store, branch):
    day = today() - timedelta(days=3)
    with writing(store) as session:
        row = session.get_one(BranchRow, branch)
        add_staff(session, row, "H2", role=StaffRole.BRANCH_HEAD, joined_on=day)
    app = of_li(store, "handover")
    assert app.dataframe(key="handover_changes").value["taken_over"].tolist() == ["Open for 3 days"]
    with writing(store) as session:
        take_over(
            session,
            actor=supervisor(),
            branch_id=branch,
            kind=HandoverKind.BRANCH_HEAD,
            changed_on=day,
            today=today(),
            key="theirs",
        )
    press(app, next(one.key for one in app.button if (one.key or "").startswith("handover_take")))
    assert "Already done" in "".join(one.value for one in app.info)
    assert not app.run().info


def test_a_handover_names_supervisors_as_they_are_called(store, branch):
    user = of_li(store, "handover", language="zh")  # the account of Li
    add_user(store, "chen")
    with writing(store) as session:
        add_supervisor_change(session, branch, "chen", today())
        line = PlanLine(PlanKind.CONTACT, branch_id=branch, role=StaffRole.TELLER)
        add_item(
            session, actor=supervisor(), line=line, week_start=week_start_of(today()), now=now(), key="p", reason="新任"
        )
    said = words(user.run())
    assert "Chen → Li" in said
    assert "柜员 · Li" in said
    table = user.dataframe(key="handover_changes").value
    assert (table["before"].tolist(), table["after"].tolist()) == (["Chen"], ["Li"])


def test_the_handover_of_a_quiet_store_says_so_in_chinese(store, branch):
    app = of_li(store, "handover", language="zh")
    assert "近几周没有网点更换" in words(app)
    assert "当前状态" in words(app)


def test_a_branch_head_has_no_handover_screen(store, branch):
    app = of_head(store)
    with pytest.raises(Exception, match="handover"):
        app.switch_page("screens/handover.py").run()


def test_the_screens_ask_for_a_branch(store, branch):
    user = of_li(store)
    assert "B1" in str(user.query_params)
    again = screen_of(li_id(store), "notes")
    assert not again.exception
    assert [one.key for one in again.selectbox] == ["notes_choice"]
