import re
from datetime import timedelta

import pytest

from core.facts import BranchStatus, StaffRole, UserRole
from core.survey.fields import Confidence, Method, survey_fields
from core.survey.parts import PartEntry, Source
from core.survey.words import source_text
from db.engine import reading, writing
from db.models import BranchRow
from db.survey_sheets import questionnaire_results
from db.surveys import save_part, survey_of
from pages.parts.session import today
from pages.parts.survey_print import _printed
from tests.builders import ADMIN, add_branch, add_staff
from tests.screens import both_values, screen

VALUES = {"area_kind": "market", "daily_visitors": 90, "address_district": "东区"}
PEOPLE = {"org_chart": {"teller": 4}, "attitude": {"teller": 1}, "planned_moves": "秘密轮岗", "decision_maker": "H1"}
RIVALS = {"rival_count": 1, "rival_rows": [{"label": "秘密公司", "product_kind": "annuity"}]}
PREFIX = "survey_B1_environment"


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def branch(store):
    with writing(store) as session:
        row = add_branch(session, "B1")
        add_staff(session, row, "H1", role=StaffRole.BRANCH_HEAD)
        add_branch(session, "B2")
        add_branch(session, "B3", supervisor="wu")
        return row.id


def save(branch, section="environment", values=None, *, days_ago=0, shown=0, note=None, **more):
    day = today() - timedelta(days=days_ago)
    source = Source((Method.ASK,), day, Confidence.SURE, note)
    with writing() as session:
        return save_part(
            session,
            actor=ADMIN,
            branch_id=branch,
            entry=PartEntry(section, source, VALUES if values is None else values, **more),
            shown_version=shown,
            today=day,
            key=f"{section}{days_ago}{values}{shown}",
        )


def stored(branch):
    with reading() as session:
        return survey_of(session, actor=ADMIN, branch_id=branch)


def open_survey(store, part="environment", *, code="B1", **more):
    query = {"branch": code, "survey_part": part}
    return screen(store, "survey", role=UserRole.SUPERVISOR, username="li", query=query, **more)


def head(store, part="environment", **more):
    bound = {"role": UserRole.BRANCH_HEAD, "username": "head", "branch_code": "B1"}
    return screen(store, "survey", query={"survey_part": part}, **bound, **more)


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.warning, app.error, app.title)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def cells(app):
    return "\n".join(frame.value.to_string() for frame in [*app.dataframe, *app.table]).replace("\\", "")


def edit(app, number=0, part="environment"):
    app.toggle(key=f"survey_edit_B1_{part}_{number}").set_value(True).run()


def field(kind, name, part="environment"):
    """An input of the form of a part: `kind` is the list of the inputs of its kind."""
    return next(one for one in kind if re.fullmatch(rf"survey_B1_{part}_{name}(_\d+)?", one.key or ""))


def turn_to(app, part):
    app.query_params["survey_part"] = part
    next(one for one in app.button_group if one.key == "survey_part").set_value(part).run()
    assert not app.exception


def press(app, key):
    next(one for one in app.button if one.key == f"{key}_save").click().run()
    assert not app.exception
    return app


def test_an_empty_store_and_a_branch_without_a_survey_say_so(store):
    assert "No branch is assigned" in words(screen(store, "survey", role=UserRole.SUPERVISOR, username="li"))
    with writing(store) as session:
        add_branch(session, "B1")
    app = screen(store, "survey", username="boss2", query={"branch": "B1"})
    assert "has not been surveyed yet" in words(app)
    assert words(app).count("Not surveyed yet") == 4


def test_the_list_names_what_is_due_over_the_scope_and_no_foreign_branch(store, branch):
    save(branch, "environment")
    app = screen(store, "survey", role=UserRole.SUPERVISOR, username="li")
    shown = app.dataframe[0].value
    assert shown["branch_code"].tolist() == ["B2", "B1"]
    assert [list(one) for one in shown["due"]] == [
        ["environment", "people", "business", "rivals"],
        ["people", "business", "rivals"],
    ]
    assert round(shown["completeness"].iloc[1]) == 9


def test_a_part_is_filled_in_saved_and_changed_and_the_form_closes(store, branch):
    app = open_survey(store)
    edit(app)
    field(app.multiselect, "methods").set_value(["observe"])
    field(app.selectbox, "area_kind").set_value("township")
    field(app.number_input, "daily_visitors").set_value(70)
    field(app.multiselect, "unknown").set_value(["transport"])
    field(app.text_input, "opening_days_from").set_value("9:00")
    press(app, PREFIX)
    assert "Opening days and hours · Days" in words(app)
    assert stored(branch) == {}
    field(app.text_input, "opening_days_from").set_value("")
    press(app, PREFIX)
    assert "Saved as state 1." in words(app)
    part = stored(branch)["environment"]
    assert {name: one.value for name, one in part.answers.items()} == {
        "area_kind": "township",
        "transport": None,
        "daily_visitors": 70,
    }
    assert part.source.methods == (Method.OBSERVE,)
    assert not app.toggle(key="survey_edit_B1_environment_1").value
    assert "Township" in cells(app)
    assert "Not known" in cells(app)


def test_what_was_typed_in_a_part_is_there_again_after_another_one_and_not_stored(store, branch):
    save(branch)
    app = open_survey(store)
    edit(app, 1)
    field(app.number_input, "daily_visitors").set_value(50).run()
    assert "Typed and not stored yet" not in words(app)
    turn_to(app, "rivals")
    assert "Typed and not stored yet: Environment" in words(app)
    turn_to(app, "environment")
    assert app.toggle(key="survey_edit_B1_environment_1").value
    assert field(app.number_input, "daily_visitors").value == 50
    app.toggle(key="survey_edit_B1_environment_1").set_value(False).run()
    assert "Typed and not stored yet: Environment" in words(app)
    edit(app, 1)
    assert stored(branch)["environment"].answers["daily_visitors"].value == 90
    press(app, PREFIX)
    assert stored(branch)["environment"].answers["daily_visitors"].value == 50
    edit(app, 2)
    field(app.number_input, "daily_visitors").set_value(70).run()
    app.button(key=f"{PREFIX}_discard").click().run()
    assert field(app.number_input, "daily_visitors").value == 50
    app.toggle(key="survey_edit_B1_environment_2").set_value(False).run()
    assert "Typed and not stored yet" not in words(app)


def test_every_part_looks_untouched_until_something_is_typed(store, branch):
    given = {"people": PEOPLE, "business": {"kpi_weight": 5}, "rivals": RIVALS}
    for part, values in given.items():
        save(branch, part, values)
    app = open_survey(store)
    for number, part in enumerate(["environment", *given]):
        turn_to(app, part)
        edit(app, number, part)
        app.run()
        assert not [one.key for one in app.button if one.key and one.key.endswith("_discard")], part
        assert "Typed and not stored yet" not in words(app)


def test_unchanged_answers_keep_their_source_or_are_confirmed(store, branch):
    save(branch, days_ago=300)
    app = open_survey(store)
    assert "To be confirmed again" in words(app)
    edit(app, 1)
    press(app, PREFIX)
    assert stored(branch)["environment"].source_of("daily_visitors").surveyed_on == today() - timedelta(days=300)
    edit(app, 2)
    field(app.radio, "old").set_value("confirm")
    press(app, PREFIX)
    assert stored(branch)["environment"].source_of("daily_visitors").surveyed_on == today()
    assert "To be confirmed again" not in words(app)


def test_whoever_comes_second_sees_both_and_saves_once_more_on_purpose(store, branch):
    save(branch)
    app = open_survey(store)
    edit(app, 1)
    field(app.number_input, "daily_visitors").set_value(50)
    save(branch, values=VALUES | {"daily_visitors": 120}, shown=1)
    press(app, PREFIX)
    assert "Somebody else changed this" in words(app)
    assert both_values(app) == {"Visitors a day": ("120", "50")}
    assert stored(branch)["environment"].answers["daily_visitors"].value == 120
    app.button(key="survey_B1_environment_store_mine").click().run()
    assert stored(branch)["environment"].answers["daily_visitors"].value == 50


@pytest.mark.parametrize(
    ("language", "note", "sure"),
    [
        pytest.param("en", "Note", ("Confidence", "Guess", "Sure"), id="en"),
        pytest.param("zh", "备注", ("可信度", "推测", "确定"), id="zh"),
    ],
)
def test_another_source_of_the_part_is_in_the_choice_too(store, branch, language, note, sure):
    save(branch)
    app = open_survey(store, language=language)
    edit(app, 1)
    field(app.text_input, "note").set_value("乙的来源")
    with writing() as session:
        source = Source((Method.ASK,), today(), Confidence.GUESS, "甲的来源")
        entry = PartEntry("environment", source, VALUES)
        save_part(
            session, actor=ADMIN, branch_id=branch, entry=entry, shown_version=1, today=today(), key="other source"
        )
    press(app, PREFIX)
    word, theirs, mine = sure
    assert both_values(app) == {note: ("甲的来源", "乙的来源"), word: (theirs, mine)}
    app.button(key="survey_B1_environment_keep_stored").click().run()
    edit(app, 2)
    assert field(app.text_input, "note").value == "甲的来源"
    assert not app.exception


def test_two_states_stand_side_by_side(store, branch):
    save(branch, days_ago=90)
    assert "only one saved state" in words(open_survey(store, "compare"))
    save(branch, values=VALUES | {"daily_visitors": 120}, shown=1)
    save(branch, "business", {"compliance_findings": 0}, days_ago=1)
    app = screen(store, "survey", username="boss2", query={"branch": "B1", "survey_part": "compare"})
    assert app.table[0].value.to_numpy().tolist() == [
        ["Environment · Visitors a day", "90", "120"],
        ["Business · Findings open", "–", "0"],
    ]
    app.toggle(key="survey_compare_all").set_value(True).run()
    assert len(app.table[0].value) == 4
    app.selectbox(key="survey_now").set_value(1).run()
    app.toggle(key="survey_compare_all").set_value(False).run()
    assert "hold the same answers" in words(app)


def test_a_branch_head_reads_the_own_branch_without_hidden_fields_and_changes_nothing(store, branch):
    save(branch, "people", PEOPLE, note="秘密备注")
    save(branch, "rivals", RIVALS)
    app = head(store, "people")
    shown = words(app) + cells(app)
    assert "Headcount" in shown
    for hidden in ("秘密", "Attitude", "Known moves", "Communication", "Competitors", "Note"):
        assert hidden not in shown
    assert not app.toggle
    control = next(one for one in app.button_group if one.key == "survey_part")
    assert list(control.options) == [
        "Environment",
        "People",
        "Business",
        "Then and now",
        "Questionnaire",
    ]
    app.query_params["survey_part"] = "rivals"
    app.run()
    assert "秘密" not in words(app) + cells(app)


def test_a_closed_branch_is_read_only_and_has_nothing_due(store, branch):
    save(branch)
    with writing(store) as session:
        session.get(BranchRow, branch).status = BranchStatus.CLOSED
    app = open_survey(store)
    assert "nothing is due" in words(app)
    assert "Market" in cells(app)
    assert not app.toggle


def test_sheets_are_handed_in_one_by_one_and_shown_from_three_on(store, branch):
    app = open_survey(store, "sheets")
    assert "No sheet" in words(app)
    app.toggle(key="survey_sheet_open").set_value(True).run()
    press(app, "survey_sheet")
    assert "Q1 I can explain our main product in one minute: This cannot stay empty." in words(app)
    for _ in range(3):
        for number in range(1, 8):
            next(one for one in app.button_group if one.key == f"survey_sheet_Q{number}").set_value(4)
        press(app, "survey_sheet")
        assert "The sheet is kept" in words(app)
    with reading() as session:
        (found,) = questionnaire_results(session, actor=ADMIN, branch_id=branch, as_of=today())
    assert (found.sheets, found.means["Q7"]) == (3, 4.0)
    assert app.dataframe[0].value["teller"].tolist() == [4.0] * 7


def test_every_part_is_drawn_in_chinese_and_saved_as_it_is(store, branch):
    given = {"people": PEOPLE, "business": {"kpi_weight": 5}, "rivals": RIVALS}
    for part, values in given.items():
        save(branch, part, values)
    app = open_survey(store, "people", language="zh")
    for number, part in enumerate(given, start=1):
        turn_to(app, part)
        edit(app, number, part)
        press(app, f"survey_B1_{part}")
    found = stored(branch)
    for part, values in given.items():
        assert found[part].number > len(given)
        answers = {key: one.value for key, one in found[part].answers.items() if key != "person_rows"}
        assert answers == values


def test_the_printed_file_of_a_part_holds_answers_and_their_other_sources(store, branch):
    own = Source((Method.INSIDE,), today(), Confidence.GUESS)
    save(branch, note="备注", sources={"area_kind": own})
    section = survey_fields().section("environment")
    part = stored(branch)["environment"]
    printed = _printed("zh", section, part, for_head=False)
    assert printed.rows == [
        ("区位类型", "专业市场", source_text("zh", own)),
        ("所在区县", "东区", ""),
        ("日均客流", "90", ""),
    ]
    assert printed.lines[-1] == "备注"
    assert _printed("en", section, None, for_head=True).lines == ["This part has not been surveyed yet."]


def test_the_branch_page_says_how_complete_the_survey_is(store, branch):
    save(branch)
    app = screen(store, "branch", role=UserRole.SUPERVISOR, username="li", query={"branch": "B1"})
    assert "9% complete: 3 of 33 required fields" in words(app)
    assert "due: People, Business, Competitors" in words(app)
