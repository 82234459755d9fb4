from datetime import timedelta

import pytest

from core.facts import UserRole
from db.engine import reading, writing
from db.models import BranchRow
from db.six_ones import six_one_slots
from pages.parts.session import today
from tests.builders import add_branch, add_event
from tests.screens import screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def branches(store):
    with writing(store) as session:
        first, second = add_branch(session, "B1"), add_branch(session, "B2")
        add_event(session, first, today() - timedelta(days=1), state="planned")
        add_event(session, second, today())
        add_branch(session, "B3", supervisor="wu")
        return [first.id, second.id]


def opened(store, role=UserRole.SUPERVISOR, username="li", name="steps", **more):
    return screen(store, name, role=role, username=username, **more)


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def test_all_branches_with_the_overdue_first_and_one_of_them_opened(store, branches):
    app = opened(store)
    table = app.dataframe[0].value
    assert table["branch_code"].tolist() == ["B1", "B2"]
    assert table["customer_ops"].tolist() == ["! Overdue", "● Done"]
    assert table["survey"].tolist() == ["○ Not begun"] * 2
    assert "2 branches, 1 with an overdue step" in words(app)
    assert len(app.dataframe) == 1
    app.query_params["branch"] = "B1"
    app.run()
    steps, slots = app.table[0].value, app.dataframe[1].value
    assert len(steps) == 7
    assert list(steps.columns) == ["Step", "What is missing", "State", "Last entry"]
    lacking = steps["What is missing"][3].replace("\\", "")
    assert lacking.startswith("Hold a customer event")
    assert "Planned events without a report: 1" in lacking
    assert slots["title"].tolist()[:3] == [
        "One micro-salon a week",
        "One project a month",
        "Not defined in the playbook",
    ]
    assert slots["state"].tolist() == ["◐ Open", "◐ Open", *["– Free"] * 4]
    app.query_params["branch"] = "B2"
    app.run()
    assert app.dataframe[1].value["state"][0] == "● Kept"
    assert not app.exception


def test_a_foreign_branch_is_not_there(store, branches):
    app = opened(store, query={"branch": "B3"})
    assert "no branch" in words(app)
    assert len(app.dataframe) == 1


def test_the_head_sees_the_own_branch_alone(store, branches):
    app = opened(store, UserRole.BRANCH_HEAD, "head", branch_code="B2")
    assert (len(app.table), len(app.dataframe)) == (1, 1)
    assert "青禾银行B2支行" in words(app)
    assert not app.toggle
    app = opened(store, UserRole.BRANCH_HEAD, "head2", branch_code="B2", query={"branch": "B1"})
    assert "no branch" in words(app)


def test_a_closed_branch_is_not_followed(store, branches):
    with writing() as session:
        session.get_one(BranchRow, branches[0]).status = "closed"
    app = opened(store, query={"branch": "B1"})
    assert "not followed any more" in words(app)


def test_an_administrator_fills_a_slot(store, branches):
    app = opened(store, UserRole.ADMIN, "boss", query={"branch": "B2"})
    app.toggle(key="steps_slots").set_value(True).run()
    app.button(key="steps_slot_save").click().run()
    assert "Source: This cannot stay empty." in words(app)
    app.selectbox(key="steps_slot_counts").select("event")
    app.text_input(key="steps_slot_title").set_value("每月一场活动")
    app.text_input(key="steps_slot_source").set_value("分公司方案")
    app.button(key="steps_slot_save").click().run()
    assert not app.exception
    assert "Slot 3 is stored." in words(app)
    slots = app.dataframe[1].value
    assert (slots["title"][2], slots["state"][2]) == ("每月一场活动", "● Kept")
    with reading() as session:
        assert len(six_one_slots(session)) == 7
    app.selectbox(key="steps_slot_slot").select(1)
    app.button(key="steps_slot_save").click().run()
    assert "Slot 1 is stored." in words(app)
    app.selectbox(key="steps_slot_slot").select(1)
    app.button(key="steps_slot_save").click().run()
    assert "is in force and stays as it is" in words(app)


def test_nobody_else_fills_a_slot(store, branches):
    assert not [one for one in opened(store).toggle if one.key == "steps_slots"]


@pytest.mark.parametrize(
    ("language", "step", "state"), [("en", "Customer operation", "Overdue"), ("zh", "客户经营", "逾期")]
)
def test_the_page_of_the_branch_tells_it_where_it_is_asked_for(store, branches, language, step, state):
    app = opened(store, name="branch", query={"branch": "B1"}, language=language)
    app.toggle(key="branch_steps").set_value(True).run()
    row = [word.replace("\\", "") for word in app.table[0].value.iloc[3]]
    assert (row[0], row[2]) == (f"4. {step}", f"! {state}")


def test_a_reader_without_branches_is_told_so(store):
    assert "no branches yet" in words(opened(store, UserRole.ADMIN, "boss"))
