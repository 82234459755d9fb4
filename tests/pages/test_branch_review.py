from datetime import timedelta

import pytest
from sqlalchemy import select

from core.facts import COMMAND_LINE, BranchStatus, Stage, UserRole
from db.engine import reading, writing
from db.models import BranchRow, StageDecisionRow, StageWeekRow
from db.stage_reviews import confirm_stage, override_stage, withdraw_override
from pages.parts.session import today
from tests.pages.branch_world import make_branch_world
from tests.screens import both_values, screen

REASON = "主力理财经理下月离岗"


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def world(store):
    return make_branch_world()


def branch_of_li(store, **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li", "query": {"branch": "B1"}} | more
    return screen(store, "branch", **given)


def words(app):
    kinds = (app.markdown, app.caption, app.success, app.warning, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def stored(store):
    with reading(store) as session:
        return session.scalars(select(StageDecisionRow).order_by(StageDecisionRow.number)).all()


def forms(app):
    """What may be decided, in the order shown."""
    buttons = [one.label for one in app.button if one.key and one.key == "branch_confirm_B1"]
    return buttons + [one.proto.popover.label for one in app.get("popover")]


def opened(app, form, version):
    """The screen with a form opened that was drawn over the decision of this number."""
    app.session_state[f"branch_{form}_B1_{version}"] = True
    return app.run()


def decide(world, change, **more):
    given = {"shown_version": 0, "key": change.__name__, "today": today()} | more
    if change is override_stage:
        end_on = today() + timedelta(days=28)
        given = {"stage": Stage.SLUMP, "reason": REASON, "end_on": end_on, "shown_stage": Stage.GROWTH} | given
    with writing() as session:
        change(session, actor=COMMAND_LINE, branch_id=world.branch, **given)


def fill_in_override(app, stage=Stage.ADJUSTMENT, reason=REASON):
    if not [one for one in app.selectbox if one.key == "branch_override_stage_B1"]:
        opened(app, "override", 0)
    app.selectbox(key="branch_override_stage_B1").set_value(stage)
    app.text_area(key="branch_override_reason_B1").set_value(reason)
    return app.button(key="branch_override_save_B1").click().run()


def test_a_stage_is_proposed_until_somebody_confirms_it(store, world):
    app = branch_of_li(store)
    assert ":material/pending: Proposed" in words(app)
    app.button(key="branch_confirm_B1").click().run()
    assert not app.exception
    assert [(row.kind, row.stage, row.number) for row in stored(store)] == [("confirmed", "growth", 1)]
    assert "Confirmed: ▲ Growth." in words(app)
    assert ":material/check: Confirmed" in words(app)
    assert "by Li on" in words(app)
    assert forms(app) == ["Override"]


def test_a_confirmed_stage_is_proposed_again_once_another_one_is_computed(store, world):
    decide(world, confirm_stage, shown_stage=Stage.GROWTH)
    with writing(store) as session:
        session.get_one(StageWeekRow, (world.branch, world.week)).stage = Stage.MATURE
    app = branch_of_li(store)
    assert ":material/pending: Proposed" in words(app)
    assert forms(app) == ["Confirm", "Override"]


def test_an_override_stands_beside_the_computed_stage_with_reason_and_end(store, world):
    app = fill_in_override(branch_of_li(store))
    assert not app.exception
    (row,) = stored(store)
    assert (row.kind, row.stage, row.computed_stage, row.reason) == ("overridden", "adjustment", "growth", REASON)
    assert row.end_on == today() + timedelta(weeks=4)
    heads = [one.value for one in app.markdown if one.value.startswith("###")]
    assert "▲ Growth" in heads[0]
    assert ":material/edit: Manual override" in heads[1]
    assert "◆ Adjustment" in heads[1]
    assert REASON in words(app)
    assert "8 policies in the last 8 weeks" in words(app)
    assert forms(app) == ["Renew", "Withdraw"]


def test_suggestions_of_an_overridden_branch_say_so(store, world):
    decide(world, override_stage)
    shown = words(branch_of_li(store))
    assert "It follows the manual override to Slump." in shown
    assert "按人工" not in shown
    assert "（依据人工调整：低迷期）" in words(
        branch_of_li(store, username="zhang", role=UserRole.ADMIN, language="zh")
    )


def test_a_form_is_drawn_once_it_is_opened(store, world):
    app = branch_of_li(store)
    assert not [one for one in app.selectbox if one.key == "branch_override_stage_B1"]
    assert [one.key for one in opened(app, "override", 0).selectbox][-1] == "branch_override_stage_B1"


def test_an_override_without_stage_or_reason_is_refused_and_what_was_typed_stays(store, world):
    app = fill_in_override(branch_of_li(store), stage=None)
    assert "Stage: This cannot stay empty." in words(app)
    assert app.text_area(key="branch_override_reason_B1").value == REASON
    app = fill_in_override(app, reason="打13812345678")
    assert "a mobile number" in words(app)
    assert app.text_area(key="branch_override_reason_B1").value == "打13812345678"
    assert stored(store) == []


def test_the_computed_stage_is_not_among_the_stages_to_set(store, world):
    options = opened(branch_of_li(store), "override", 0).selectbox(key="branch_override_stage_B1").options
    assert options == ["● Startup", "■ Mature", "◆ Adjustment", "▼ Slump"]


def test_an_override_ends_within_thirteen_weeks(store, world):
    field = opened(branch_of_li(store), "override", 0).date_input(key="branch_override_end_B1")
    assert (field.value, field.min, field.max) == (
        today() + timedelta(weeks=4),
        today(),
        today() + timedelta(weeks=13),
    )


def test_an_override_is_renewed_with_the_reason_kept(store, world):
    decide(world, override_stage)
    app = opened(branch_of_li(store), "renew", 1)
    assert app.text_area(key="branch_renew_reason_B1").value == REASON
    end_on = today() + timedelta(weeks=10)
    app.date_input(key="branch_renew_end_B1").set_value(end_on)
    app.button(key="branch_renew_save_B1").click().run()
    assert not app.exception
    assert [(row.kind, row.stage, row.reason) for row in stored(store)] == [
        ("overridden", "slump", REASON),
        ("renewed", "slump", REASON),
    ]
    assert stored(store)[1].end_on == end_on
    assert app.success[0].value.startswith("Renewed until")
    assert forms(app) == ["Renew", "Withdraw"]


def test_an_override_is_withdrawn_with_a_reason_and_the_stage_is_a_proposal_again(store, world):
    decide(world, override_stage)
    app = opened(branch_of_li(store), "withdraw", 1)
    app.button(key="branch_withdraw_save_B1").click().run()
    assert "Reason: This cannot stay empty." in words(app)
    app.text_area(key="branch_withdraw_reason_B1").set_value("新人已到岗")
    app.button(key="branch_withdraw_save_B1").click().run()
    assert [(row.kind, row.reason) for row in stored(store)][1:] == [("withdrawn", "新人已到岗")]
    assert "Withdrawn: ▼ Slump." in words(app)
    assert ":material/pending: Proposed" in words(app)
    assert forms(app) == ["Confirm", "Override"]


def test_an_expired_override_is_gone_by_itself_and_stays_in_the_history(store, world):
    ended = today() - timedelta(days=1)
    decide(world, override_stage, today=ended, end_on=ended)
    app = branch_of_li(store)
    assert "Manual override" not in words(app)
    assert forms(app) == ["Confirm", "Override"]
    app.toggle(key="branch_decisions_B1").set_value(True).run()
    table = next(one.value for one in app.dataframe if "computed_stage" in one.value.columns).to_dict("list")
    assert (table["kind"], table["end_on"], table["reason"]) == (["Overridden"], [ended], [REASON])


def test_the_second_of_two_who_override_sees_what_the_first_set(store, world):
    app = opened(branch_of_li(store), "override", 0)
    decide(world, override_stage)
    fill_in_override(app)
    assert "Somebody else changed this" in words(app)
    shown = both_values(app)
    assert shown["Stage"] == ("Slump", "Adjustment")
    assert [row.stage for row in stored(store)] == ["slump"]
    app.run()
    assert forms(app) == ["Renew", "Withdraw"]
    assert both_values(app) == shown
    app.button(key="branch_review_B1_store_mine").click().run()
    assert not app.exception
    assert [row.stage for row in stored(store)] == ["slump", "adjustment"]
    assert not both_values(app)


def test_the_second_of_two_who_override_may_leave_what_the_first_set(store, world):
    app = opened(branch_of_li(store), "override", 0)
    decide(world, override_stage)
    fill_in_override(app)
    app.button(key="branch_review_B1_keep_stored").click().run()
    assert not app.exception
    assert not both_values(app)
    assert [row.stage for row in stored(store)] == ["slump"]


def test_who_confirms_what_was_overridden_meanwhile_is_told(store, world):
    app = branch_of_li(store)
    decide(world, override_stage)
    app.button(key="branch_confirm_B1").click().run()
    assert both_values(app)["Decision"] == ("Overridden", "Confirmed")
    assert "branch_review_B1_store_mine" not in [one.key for one in app.button]
    assert len(stored(store)) == 1


def test_who_renews_what_was_withdrawn_meanwhile_is_told(store, world):
    decide(world, override_stage)
    app = opened(branch_of_li(store), "renew", 1)
    decide(world, withdraw_override, shown_version=1, reason="新人已到岗")
    app.button(key="branch_renew_save_B1").click().run()
    assert both_values(app)["Decision"] == ("Withdrawn", "Renewed")
    assert "branch_review_B1_store_mine" not in [one.key for one in app.button]
    assert len(stored(store)) == 2


def test_what_a_colleague_decided_shows_with_the_next_run(store, world):
    app = branch_of_li(store)
    decide(world, override_stage)
    app.run()
    assert forms(app) == ["Renew", "Withdraw"]


def test_a_branch_head_sees_the_override_but_no_words_about_it_and_decides_nothing(store, world):
    decide(world, override_stage)
    app = screen(store, "branch", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert ":material/edit: Manual override" in words(app)
    assert REASON not in words(app)
    assert forms(app) == []


def test_a_closed_branch_takes_no_decision(store, world):
    with writing(store) as session:
        session.get_one(BranchRow, world.branch).status = BranchStatus.CLOSED
    assert forms(branch_of_li(store)) == []


def test_the_list_of_branches_shows_the_override_beside_the_computed_stage(store, world):
    plain = screen(store, "branches").dataframe[0].value
    assert "override" not in plain.columns
    assert list(plain["review"]) == ["Proposed", "Proposed"]
    decide(world, override_stage)
    table = screen(store, "branches", username="boss2").dataframe[0].value
    row = table.set_index("branch_code").loc["B1"]
    assert (list(row["stage"]), list(row["override"]), row["review"]) == (["growth"], ["slump"], "Manual override")
    assert row["override_until"] == today() + timedelta(days=28)
    assert list(table.columns).index("override") == list(table.columns).index("stage") + 1


def test_the_overview_marks_an_overridden_branch_in_the_list_of_those_to_see(store, world):
    with writing(store) as session:
        row = session.get_one(StageWeekRow, (world.branch, world.week))
        row.stage, row.badges = Stage.SLUMP, "watch_down"
    decide(world, override_stage, stage=Stage.MATURE, shown_stage=Stage.SLUMP)
    app = screen(store, "overview")
    first = app.radio(key="overview_to_see").options[0].replace("\\", "")
    assert "By hand: ■ Mature" in first
    assert "▼ Slump" in first
