from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from core.coaching.actions import DECISION_ACTION
from core.facts import BranchStatus, UserRole
from core.reports.pack import fonts
from db.changes import utc_now
from db.engine import reading, writing
from db.models import BranchRow, BranchTotalRow, StageWeekRow, SuggestionRow
from pages.parts.branch_parts import fen_of
from pages.parts.session import today
from pages.parts.store.base import forget_answers
from tests.builders import add_branch
from tests.pages.branch_world import make_branch_world
from tests.screens import both_values, screen


def plain(markdown):
    """The words without the marks that keep them from being Markdown."""
    return markdown.replace("\\", "")


BUDDY = "buddy_pair"


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def world(store):
    return make_branch_world()


def branch_of_li(store, code="B1", **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li", "query": {"branch": code}} | more
    return screen(store, "branch", **given)


def words(app):
    kinds = (app.markdown, app.caption, app.header, app.subheader, app.success, app.warning, app.error, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def stored(store, kind=SuggestionRow):
    with reading(store) as session:
        return session.scalars(select(kind)).all()


def charts(app):
    return [chart.proto for chart in app.get("vega_lite_chart")]


def test_the_branch_shows_stage_reason_confidence_and_warning(store, world):
    shown = words(branch_of_li(store))
    assert "青禾银行B1支行" in shown
    assert "▲ Growth" in shown
    assert "High confidence, 83%" in shown
    assert "8 policies in the last 8 weeks" in shown
    assert "Single seller" in shown
    assert "Nearly all policies come from one person" in shown


def test_the_branch_reads_in_chinese(store, world):
    shown = words(branch_of_li(store, language="zh"))
    assert "▲ 成长期" in shown
    assert "可信度高，83%" in shown
    assert "老带新结对" in shown
    assert "几乎全部保单来自一个人" in shown


def test_both_charts_carry_a_name_for_those_who_cannot_see_them(store, world):
    assert [chart.alt for chart in charts(branch_of_li(store))] == [
        "Policies of 青禾银行B1支行 by week with the expected level and the stages",
        "Contacts with 青禾银行B1支行 against target by role and week",
    ]


def test_five_suggestions_each_with_its_reason(store, world):
    app = branch_of_li(store)
    toggles = [toggle.key for toggle in app.toggle if toggle.key.startswith("branch_open_")]
    assert (toggles[0], len(toggles)) == ("branch_open_buddy_pair", 5)


def test_a_suggestion_is_taken_on_with_owner_and_due_date_and_listed(store, world):
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    due_on = today() + timedelta(days=7)
    app.date_input(key=f"branch_due_{BUDDY}").set_value(due_on)
    app.button(key=f"branch_take_on_{BUDDY}").click().run()
    assert not app.exception
    row = stored(store)[0]
    assert (row.state, row.owner, row.due_on, row.reason_key) == ("taken", "li", due_on, "badge")
    assert "Taken on: Buddy pair: top seller with a second seller" in plain(app.success[0].value)
    assert BUDDY not in {toggle.key.removeprefix("branch_open_") for toggle in app.toggle}
    table = next(frame.value for frame in app.dataframe if "action" in frame.value.columns)
    assert list(table["action"]) == ["Buddy pair: top seller with a second seller"]
    assert list(table["state"]) == ["In progress"]


def test_a_suggestion_is_dismissed_with_a_reason(store, world):
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    app.button(key=f"branch_put_aside_{BUDDY}").click().run()
    assert plain(app.error[0].value) == "Choose one of the reasons."
    app.selectbox(key=f"branch_dismissal_{BUDDY}").set_value("other")
    app.button(key=f"branch_put_aside_{BUDDY}").click().run()
    assert "This cannot stay empty" in app.error[0].value
    app.text_input(key=f"branch_reason_{BUDDY}").set_value("只有一位理财经理")
    app.button(key=f"branch_put_aside_{BUDDY}").click().run()
    row = stored(store)[0]
    assert (row.state, row.dismissal, row.dismissed_reason) == ("dismissed", "other", "只有一位理财经理")
    assert plain(app.success[0].value) == "Dismissed: Buddy pair: top seller with a second seller."


def test_a_number_of_a_person_in_the_reason_is_refused_and_what_was_typed_stays(store, world):
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    app.text_input(key=f"branch_reason_{BUDDY}").set_value("打13812345678")
    app.button(key=f"branch_put_aside_{BUDDY}").click().run()
    assert "a mobile number" in app.error[1].value
    assert app.text_input(key=f"branch_reason_{BUDDY}").value == "打13812345678"
    assert stored(store) == []


def test_how_often_an_action_was_dismissed_and_why_is_said_beside_it(store, world):
    with writing(store) as session:
        for number, dismissal in enumerate(["no_time", "no_time", "other"]):
            session.add(
                SuggestionRow(
                    branch_id=world.branch,
                    action_key=BUDDY,
                    week_start=world.week,
                    reason_key="stage_basic",
                    facts={},
                    state="dismissed",
                    dismissal=dismissal,
                    created_at=utc_now(),
                    decided_on=world.week - timedelta(days=100 + number),
                )
            )
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    said = plain("\n".join(one.value for one in app.caption))
    assert "Dismissed 3 times here, 3 times over your branches: No time for it now 2, Another reason 1" in said


def test_a_decision_of_a_review_is_listed_by_its_words(store, world):
    said = "到网点与支行长谈清原因"
    with writing(store) as session:
        session.add(
            SuggestionRow(
                branch_id=world.branch,
                action_key=DECISION_ACTION,
                week_start=world.week,
                reason_key="review_decision",
                facts={"decision": 1, "week": world.week.isoformat(), "words": said},
                state="taken",
                owner="li",
                due_on=today(),
                taken_on=today(),
                created_at=utc_now(),
            )
        )
    table = next(frame.value for frame in branch_of_li(store).dataframe if "action" in frame.value.columns)
    assert list(table["action"]) == [f"Decision of the weekly review: {said}"]


def test_taking_on_what_is_open_already_by_another_hand_says_so(store, world):
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    with writing(store, raises_version=False) as session:  # a colleague, since the page was drawn
        session.add(
            SuggestionRow(
                branch_id=world.branch,
                action_key="bench_building",
                week_start=world.week,
                reason_key="badge",
                reason_code="badge:single_seller",
                facts={"badge": "single_seller"},
                state="taken",
                owner="zhang",
                due_on=today(),
                created_at=utc_now(),
            )
        )
    app.button(key=f"branch_take_on_{BUDDY}").click().run()
    assert "Already being worked on: Bench building: second and third seller, zhang" in plain(app.success[0].value)
    (row,) = stored(store)
    assert (row.owner, row.seen_count, row.facts) == ("zhang", 2, {"badge": "single_seller"})


def decided_by_a_colleague(store, world, **more):
    with writing(store) as session:
        plain = {"branch_id": world.branch, "action_key": BUDDY, "week_start": world.week, "reason_key": "badge"}
        row = SuggestionRow(
            **plain, reason_code="badge:single_seller", facts={}, decided_on=today(), created_at=utc_now(), **more
        )
        session.add(row)


def test_a_suggestion_a_colleague_took_on_meanwhile_is_not_dismissed_without_a_word(store, world):
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    app.selectbox(key=f"branch_dismissal_{BUDDY}").set_value("other")
    app.text_input(key=f"branch_reason_{BUDDY}").set_value("只有一位理财经理")
    decided_by_a_colleague(store, world, state="taken", owner="zhang", due_on=today())
    app.button(key=f"branch_put_aside_{BUDDY}").click().run()
    assert not app.exception
    assert both_values(app)["State"] == ("In progress", "Dismissed")
    assert not [one for one in app.button if one.key.endswith("_store_mine")]
    next(one for one in app.button if one.key.endswith("_keep_stored")).click().run()
    assert [row.state for row in stored(store)] == ["taken"]
    assert f"branch_open_{BUDDY}" not in {toggle.key for toggle in app.toggle}


def test_a_suggestion_a_colleague_dismissed_meanwhile_is_taken_on_only_by_choice(store, world):
    app = branch_of_li(store)
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    decided_by_a_colleague(store, world, state="dismissed", dismissal="other", dismissed_reason="只有一位")
    app.button(key=f"branch_take_on_{BUDDY}").click().run()
    assert not app.exception
    assert both_values(app)["State"] == ("Dismissed", "In progress")
    assert [row.state for row in stored(store)] == ["dismissed"]
    next(one for one in app.button if one.key.endswith("_store_mine")).click().run()
    assert [row.state for row in stored(store)] == ["dismissed", "taken"]


def test_a_closed_branch_says_so_once_and_keeps_its_history_alone(store, world):
    with writing(store) as session:
        branch = session.get_one(BranchRow, world.branch)
        branch.status, branch.status_since = BranchStatus.CLOSED, date(2026, 6, 15)
    app = branch_of_li(store)
    said = plain(words(app))
    assert [one.value for one in app.warning] == [
        "This branch has been closed since 15 Jun 2026. Nothing new is planned or logged here; "
        "what was recorded stays below."
    ]
    assert "**Last stage:**" in said
    assert "▲ Growth" in said
    for left_out in ("What would move it", "What to do next", "Branch file", "People in post", "with the button above"):
        assert left_out not in said
    assert not [one for one in app.toggle if one.key == "branch_steps" or one.key.startswith("branch_open_")]
    assert "Log a contact" not in [link.proto.label for link in app.get("page_link")]
    assert [chart.alt for chart in charts(app)] == [
        "Policies of 青禾银行B1支行 by week with the expected level and the stages"
    ]
    assert "Self-check of the branch head" in said


@pytest.mark.parametrize("code", ["B2", "NOPE"])
def test_a_foreign_code_gets_the_answer_of_an_unknown_one(store, world, code):
    app = branch_of_li(store, code)
    assert app.warning[0].value == f"There is no branch “{code}” among yours. Choose one above."
    assert "青禾银行B2支行" not in words(app)


def test_without_a_code_the_reader_is_told_to_choose(store, world):
    app = screen(store, "branch")
    assert "Choose a branch above" in words(app)
    assert charts(app) == []


def test_choosing_a_branch_puts_it_into_the_address_and_shows_it(store, world):
    app = screen(store, "branch")
    app.selectbox(key="branch_choice").set_value("B1").run()
    assert app.query_params["branch"] == "B1"
    assert "青禾银行B1支行" in words(app)


@pytest.mark.parametrize(
    ("role", "what"),
    [
        (UserRole.SUPERVISOR, "name you as supervisor"),
        (UserRole.MANAGER, "check your region"),
        (UserRole.BRANCH_HEAD, "name your branch"),
    ],
)
def test_a_user_without_a_branch_is_told_what_to_ask_for_in_his_role(store, role, what):
    bound = {UserRole.MANAGER: {"region_path": "东区分公司"}, UserRole.BRANCH_HEAD: {"branch_code": "B9"}}.get(role, {})
    said = words(branch_of_li(store, role=role, **bound))
    assert "No branch is assigned to you yet" in said
    assert what in said


def test_a_branch_without_any_data_says_what_is_missing(store):
    with writing(store) as session:
        add_branch(session, "B1")
    shown = words(branch_of_li(store))
    assert "The stage is not known yet" in shown
    assert "Nobody is recorded in post" in shown
    assert "No contact is on record" in shown


def test_a_branch_head_sees_his_branch_and_decides_nothing(store, world):
    app = screen(store, "branch", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert "青禾银行B1支行" in words(app)
    assert app.toggle(key=f"branch_open_{BUDDY}").label == "Show the steps"
    app.toggle(key=f"branch_open_{BUDDY}").set_value(True).run()
    assert [button.key for button in app.button if button.key and "take_on" in button.key] == []
    assert not [toggle for toggle in app.toggle if toggle.key == "branch_totals"]


def test_the_total_of_a_month_is_stored_and_shown(store, world):
    app = branch_of_li(store)
    app.toggle(key="branch_totals").set_value(True).run()
    app.text_input(key="branch_total_amount").set_value("1,234,500.50")
    app.text_input(key="branch_total_source").set_value("支行月报")
    app.button(key="branch_total_save").click().run()
    assert not app.exception
    row = stored(store, BranchTotalRow)[0]
    assert (row.premium_fen, row.month_start, row.source) == (123_450_050, today().replace(day=1), "支行月报")
    assert "is stored" in app.success[0].value
    keys = [button.proto.id.rsplit("-", 1)[-1] for button in app.get("download_button")]
    assert {"branch_totals_table_csv", "branch_totals_table_xlsx"} <= set(keys)


def test_a_total_somebody_stored_meanwhile_is_shown_before_it_is_replaced(store, world):
    app = branch_of_li(store)
    app.toggle(key="branch_totals").set_value(True).run()
    month = today().replace(day=1)
    with writing() as session:
        session.add(
            BranchTotalRow(
                branch_id=world.branch,
                month_start=month,
                premium_fen=700,
                source="总行",
                changed_at=utc_now(),
                version=1,
            )
        )
    app.text_input(key="branch_total_amount").set_value("5")
    app.text_input(key="branch_total_source").set_value("支行月报")
    app.button(key="branch_total_save").click().run()
    assert "Somebody else changed this" in app.error[0].value
    assert both_values(app) == {
        "Premium of all insurers (yuan)": ("7.00", "5.00"),
        "Source": ("总行", "支行月报"),
    }
    app.button(key="branch_total_save").click().run()
    assert stored(store, BranchTotalRow)[0].premium_fen == 700
    app.button(key=f"branch_total_B1_{month:%Y-%m}_store_mine").click().run()
    assert not both_values(app)
    assert stored(store, BranchTotalRow)[0].premium_fen == 500


def test_a_total_that_is_no_amount_is_refused(store, world):
    app = branch_of_li(store)
    app.toggle(key="branch_totals").set_value(True).run()
    app.text_input(key="branch_total_amount").set_value("12万")
    app.text_input(key="branch_total_source").set_value("支行月报")
    app.button(key="branch_total_save").click().run()
    assert plain(app.error[0].value).startswith("12万 is not an amount in yuan")
    assert stored(store, BranchTotalRow) == []


@pytest.mark.parametrize(
    ("amount", "fen"),
    [
        ("0", 0),
        ("1,234.5", 123_450),
        ("1234.56", 123_456),
        ("１２３４", 123_400),
        ("１，２３４．５６", 123_456),
        ("1234.567", None),
        ("-1", None),
        ("1e3", None),
        ("12万", None),
        ("", None),
        (".", None),
        ("²", None),
    ],
)
def test_an_amount_in_yuan_has_at_most_two_decimals(amount, fen):
    assert fen_of(amount) == fen


def test_the_chart_marks_the_week_from_which_other_rules_decide(store, world):
    assert "Dotted" not in words(branch_of_li(store))
    changed_on = world.week - timedelta(weeks=2)
    with writing(store) as session:
        session.execute(update(StageWeekRow).where(StageWeekRow.week_start >= changed_on).values(rules_on=changed_on))
    forget_answers()
    app = branch_of_li(store, username="wu", code="B2")
    assert "Dotted: from here on other rules decide the stage" in words(app)


def test_the_sheet_for_a_visit_is_offered_as_pdf_and_without_a_font_says_what_is_missing(store, world, monkeypatch):
    def offered(app):
        return {one.proto.id.rsplit("-", 1)[-1]: one.proto for one in app.get("download_button")}

    app = branch_of_li(store)
    assert {"branch_sheet", "branch_sheet_pdf"} <= set(offered(app))
    monkeypatch.setattr(fonts, "FACES", ("No Such Face",))
    button = offered(app.run())["branch_sheet_pdf"]
    assert button.disabled
    assert fonts.DEBIAN_PACKAGE in button.help
