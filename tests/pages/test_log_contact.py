from datetime import timedelta

import pytest
from sqlalchemy import select

from core.facts import ContactMethod, StaffRole, UserRole
from db.engine import reading, writing
from db.models import BranchRow, ContactRow
from pages.parts.session import today
from tests.pages.branch_world import make_branch_world
from tests.screens import screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def world(store):
    return make_branch_world()


def form(store, code="B1", **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li", "query": {"branch": code}} | more
    return screen(store, "log_contact", **given)


def pills(app, key):
    return next(group for group in app.button_group if group.key == key)


def save(app):
    app.button(key="log_contact_save").click().run()
    assert not app.exception
    return app


def stored(store):
    with reading(store) as session:
        return session.scalars(select(ContactRow).order_by(ContactRow.id)).all()


def test_the_usual_case_is_one_tap_and_save(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.seller]).run()
    save(app)
    row = stored(store)[0]
    assert (row.staff_id, row.role, row.method, row.contact_on, row.minutes, row.is_late) == (
        world.seller,
        "wealth_manager",
        "visit",
        today(),
        30,
        False,
    )
    assert row.supervisor == "li"
    assert "Contacts: 1." in app.success[0].value


def test_several_people_and_a_role_are_stored_at_once(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.head, world.seller])
    pills(app, "log_contact_roles").set_value([StaffRole.TELLER])
    pills(app, "log_contact_method").set_value(ContactMethod.MORNING_MEETING).run()
    pills(app, "log_contact_topic").set_value("selling_skill")
    app.text_input(key="log_contact_next_step").set_value("周三演练")
    save(app)
    assert [(row.role, row.method, row.minutes, row.topic, row.next_step) for row in stored(store)] == [
        (role, "morning_meeting", 15, "selling_skill", "周三演练")
        for role in ("branch_head", "wealth_manager", "teller")
    ]


def test_after_saving_the_form_is_empty_and_a_new_entry_counts_as_new(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.seller])
    pills(app, "log_contact_method").set_value(ContactMethod.PHONE).run()
    app.text_input(key="log_contact_note").set_value("谈了培训")
    save(app)
    assert pills(app, "log_contact_people").value == []
    assert app.text_input(key="log_contact_note").value == ""
    assert pills(app, "log_contact_method").value == ContactMethod.PHONE
    pills(app, "log_contact_people").set_value([world.head]).run()
    save(app)
    assert [row.staff_id for row in stored(store)] == [world.seller, world.head]


def test_a_saved_contact_is_seen_on_the_branch(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.seller]).run()
    app.text_input(key="log_contact_next_step").set_value("周三演练")
    save(app)
    app.query_params["branch"] = "B1"
    app.switch_page("screens/branch.py").run()
    app.toggle(key="branch_show_contacts").set_value(True).run()
    assert not app.exception
    contacts = next(frame.value for frame in app.dataframe if "next_step" in frame.value.columns)
    assert list(contacts["next_step"]) == ["周三演练"]
    people = next(frame.value for frame in app.dataframe if "days" in frame.value.columns)
    assert dict(zip(people["staff_name"], people["days"], strict=True))["员工W1"] == 0


def test_a_late_entry_is_marked(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.seller])
    app.date_input(key="log_contact_on").set_value(today() - timedelta(days=3)).run()
    save(app)
    assert stored(store)[0].is_late
    assert "Marked as logged late" in app.success[0].value


def test_nobody_chosen_is_refused_and_what_was_typed_stays(store, world):
    app = form(store)
    app.text_input(key="log_contact_note").set_value("谈了培训")
    save(app)
    assert app.error[0].value.startswith("Choose at least one person")
    assert app.text_input(key="log_contact_note").value == "谈了培训"
    assert stored(store) == []


def test_a_person_and_the_group_of_his_role_are_not_stored_at_once_and_what_was_typed_stays(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.seller])
    pills(app, "log_contact_roles").set_value([StaffRole.WEALTH_MANAGER])
    app.text_input(key="log_contact_note").set_value("谈了培训")
    save(app)
    assert "chosen by name and within the role as a group (Wealth manager)" in app.error[0].value.replace("\\", "")
    assert stored(store) == []
    assert app.text_input(key="log_contact_note").value == "谈了培训"
    assert pills(app, "log_contact_people").value == [world.seller]
    pills(app, "log_contact_roles").set_value([]).run()
    save(app)
    assert [(row.staff_id, row.note) for row in stored(store)] == [(world.seller, "谈了培训")]


def test_a_number_of_a_person_is_refused(store, world):
    app = form(store)
    pills(app, "log_contact_people").set_value([world.seller])
    app.text_input(key="log_contact_note").set_value("客户13812345678")
    save(app)
    assert "a mobile number" in app.error[0].value
    assert "13812345678" not in app.error[0].value
    assert stored(store) == []


def test_a_second_like_contact_is_pointed_out_and_stored_when_ticked(store, world):
    app = form(store)
    for _ in range(2):
        pills(app, "log_contact_people").set_value([world.seller]).run()
        save(app)
    assert len(stored(store)) == 1
    assert "Already logged for this day: 员工W1" in app.warning[0].value.replace("\\", "")
    app.checkbox(key="log_contact_is_another").set_value(True).run()
    save(app)
    assert len(stored(store)) == 2


def test_topics_are_those_of_the_people_chosen(store, world):
    app = form(store, language="zh")
    assert not [group for group in app.button_group if group.key == "log_contact_topic"]
    pills(app, "log_contact_people").set_value([world.head]).run()
    assert pills(app, "log_contact_topic").options[:4] == [
        "锻炼团队",
        "客户维系",
        "中收指标",
        "协调各方利益",
    ]


def test_a_closed_branch_takes_no_contact(store, world):
    with writing(store) as session:
        session.get_one(BranchRow, world.branch).status = "closed"
    app = form(store)
    assert app.warning[0].value.startswith("This branch is closed")
    assert not [button for button in app.button if button.key == "log_contact_save"]


def test_without_people_on_record_a_role_can_be_chosen(store, world):
    app = form(store, "B2", role=UserRole.ADMIN, username="boss")
    pills(app, "log_contact_roles").set_value([StaffRole.WEALTH_MANAGER]).run()
    save(app)
    assert [(row.staff_id, row.role) for row in stored(store)] == [(None, "wealth_manager")]


def test_a_store_without_branches_says_what_to_do(store):
    app = form(store)
    assert any("No branch is assigned to you yet" in one.value for one in app.markdown)
