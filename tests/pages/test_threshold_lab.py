import json
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from core.calendar import last_complete_week, week_start_of
from core.facts import UserRole
from core.language.days import day_word
from core.simulation import trials
from core.stages.limits import RuleValue, limits_on
from db.engine import reading, writing
from db.models import AuditRow, PolicyRow, StageRuleVersionRow
from db.stage_history import recompute_stages
from db.stage_rules import add_stage_rules, stage_rules, withdraw_stage_rules
from pages.parts.navigation import screens_of
from pages.parts.session import PAGES, today
from tests.builders import ADMIN, add_branch, head_of, manager_of, supervisor
from tests.screens import both_values, screen

HOLD = ("limits", "hold_down_weeks")
WEEKS = 56


@pytest.fixture
def store(sqlite_store, monkeypatch):
    monkeypatch.setattr(trials, "BRANCHES", 40)
    trials._world.cache_clear()
    yield sqlite_store
    trials._world.cache_clear()


@pytest.fixture
def filled(store):
    """Six branches that sell every week, and B0 that stopped twenty weeks ago."""
    last = last_complete_week(today())
    with writing(store) as session:
        rows = []
        for number in range(7):
            branch = add_branch(session, f"B{number}", cooperation_start=date(2019, 1, 7))
            for week in range(20 if number == 0 else 0, WEEKS):
                monday = last - timedelta(weeks=week)
                rows += [
                    {
                        "policy_ref": f"P{number}-{week}-{one}",
                        "issued_on": monday,
                        "week_start": monday,
                        "branch_id": branch.id,
                        "payment_mode": "regular",
                        "premium_fen": 1,
                        "status": "in_force",
                    }
                    for one in range(3)
                ]
        session.execute(insert(PolicyRow), rows)
        recompute_stages(session, as_of=today())
    return store


def now(name=HOLD):
    return limits_on(today()).values[name[1]]


def value_key(name=HOLD):
    return f"threshold_lab_value_{'_'.join(name)}_{now(name):.6g}"


def lab(store, **more):
    return screen(store, "threshold_lab", **more)


def tried(app, value, name=HOLD):
    app.multiselect(key="threshold_lab_numbers").set_value([name]).run()
    app.number_input(key=value_key(name)).set_value(value)
    app.button(key="threshold_lab_try").click().run()
    assert not app.exception, app.exception
    return app


def saved(app, note="Region meeting"):
    app.text_input(key="threshold_lab_note").set_value(note)
    app.button(key="threshold_lab_save").click().run()
    assert not app.exception, app.exception
    return app


def frame(app, column):
    return next((one.value for one in app.dataframe if column in one.value.columns), None)


def errors(app):
    return [one.value.replace("\\", "") for one in app.error]


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.info)
    return "\n".join(one.value.replace("\\", "") for kind in kinds for one in kind)


def stored(store):
    with reading(store) as session:
        return stage_rules(session)


def add(store, *, valid_from, shown_state=0, key="k", value=7.0):
    with writing(store) as session:
        return add_stage_rules(
            session,
            actor=ADMIN,
            values=(RuleValue(*HOLD, value),),
            valid_from=valid_from,
            note="a colleague",
            shown_state=shown_state,
            today=today(),
            write_key=key,
        )["id"]


def next_monday():
    return week_start_of(today()) + timedelta(weeks=1)


@pytest.mark.parametrize("actor", [manager_of("东区"), supervisor(), head_of(1)], ids=lambda actor: actor.role)
def test_nobody_but_an_administrator_has_the_page(actor):
    assert "threshold_lab" not in [one.name for one in screens_of(actor)]
    assert "threshold_lab" in [one.name for one in screens_of(ADMIN)]


def test_the_address_is_registered_for_administrators_only(store):
    others = screen(store, "overview", role=UserRole.SUPERVISOR, username="li").session_state[PAGES]
    assert "threshold_lab" not in others.pages
    assert "threshold_lab" in screen(store, "overview").session_state[PAGES].pages


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_store_says_what_to_do_and_still_tries_on_simulated_branches(store, language):
    app = tried(lab(store, language=language), 20)
    shown = words(app)
    assert ("Import branches and policies" if language == "en" else "导入网点和保单后") in shown
    scores = frame(app, "usual_now")
    assert len(scores) == 9
    changes = 7
    assert scores["usual_then"][changes] < scores["usual_now"][changes]
    assert ("the numbers shipped with the program hold" if language == "en" else "现行的是程序自带参数") in shown


def test_the_most_useful_numbers_are_offered_first_and_the_plateau_not_at_all(store):
    offered = lab(store).multiselect(key="threshold_lab_numbers").options
    assert offered[0].startswith("Hold-back · ")
    kinds = list(dict.fromkeys(one.partition(" · ")[0] for one in offered))
    assert kinds[:5] == ["Hold-back", "Windows", "Warnings", "Phase lengths", "Phase levels"]
    assert not [one for one in offered if one.startswith("Phase levels · Mature")]


def test_trying_shows_who_would_move_and_how_calm_it_would_be_and_changes_nothing(filled):
    app = tried(lab(filled), 26)
    assert f"The lead must last at least, for a step down: {now():g} → 26" in words(app)
    moved = frame(app, "before")
    assert [list(one) for one in moved["before"]] == [["slump"]]
    assert [list(one) for one in moved["after"]] != [["slump"]]
    figures = {one.label: one.value for one in app.metric}
    assert figures["Branches that would move now"] == "1 of 7"
    before, after = map(float, figures["Changes of stage a branch-year"].split(" → "))
    assert (round(before * 7), after) == (round(before * 7), 0.0)
    assert before > 0
    assert stored(filled) == ()


@pytest.mark.parametrize(
    ("language", "headings"),
    [("en", ["With the present numbers", "With these numbers"]), ("zh", ["按现行参数", "按试改参数"])],
)
def test_both_stages_name_the_numbers_they_come_from(filled, language, headings):
    """Held all along, the present numbers may give another stage than the stored one: none is called the stage now."""
    app = tried(lab(filled, language=language), 26)
    columns = next(json.loads(one.proto.columns) for one in app.dataframe if "before" in one.value.columns)
    assert [columns[name]["label"] for name in ("before", "after")] == headings


def test_a_change_that_moves_nobody_says_so(filled):
    app = tried(lab(filled), 0.5, name=("limits", "unknown_keep"))
    assert "No branch would stand in another stage now." in words(app)
    assert {one.label: one.value for one in app.metric}["Branches that would move now"] == "0 of 7"


def test_a_number_out_of_range_is_refused_with_what_would_be_accepted(store):
    app = tried(lab(store), 99)
    assert errors(app) == ["The lead must last at least, for a step down: 99 is out of range; it may be 0 to 26."]
    assert frame(app, "usual_now") is None


def test_trying_the_present_number_is_no_change(store):
    app = tried(lab(store), now())
    assert errors(app) == ["Nothing differs from the rules in force. Change at least one number."]


def test_several_numbers_are_tried_together(store):
    app = lab(store)
    lead = ("limits", "hold_lead")
    app.multiselect(key="threshold_lab_numbers").set_value([HOLD, lead]).run()
    app.number_input(key=value_key(HOLD)).set_value(6)
    app.number_input(key=value_key(lead)).set_value(0.3)
    app.button(key="threshold_lab_try").click().run()
    assert "The lead must last at least, for a step down" in words(app)
    assert "→ 0.3" in words(app)


def test_a_change_is_saved_with_its_monday_and_reason_and_stands_on_the_list(store):
    app = saved(tried(lab(store), 6))
    (version,) = stored(store)
    assert (version.valid_from, version.note) == (next_monday(), "Region meeting")
    assert version.values == (RuleValue(*HOLD, 6.0),)
    assert f"The version of {day_word('en', next_monday())} is stored." in words(app)
    assert frame(app, "usual_now") is None
    row = frame(app, "state").iloc[0]
    assert (row["state"], row["made_by"], row["note"]) == ("To come", "Boss", "Region meeting")
    assert row["changes"] == f"The lead must last at least, for a step down: {now():g} → 6"
    with reading(store) as session:
        trail = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(one.action, one.subject) for one in trail][-1] == ("add", "stage_rules")


def test_a_change_without_a_reason_is_refused_and_stays_on_the_page(store):
    app = saved(tried(lab(store), 6), note=" ")
    assert errors(app) == ["Say why, in at most 200 characters."]
    assert stored(store) == ()
    assert frame(app, "usual_now") is not None
    saved(app)
    assert len(stored(store)) == 1


def test_a_second_version_for_the_same_monday_is_refused(store):
    app = saved(tried(lab(store), 6))
    app = saved(tried(app, 8))
    assert errors(app) == [
        f"There is already a version that begins on {next_monday()}. Choose another Monday, or withdraw that one."
    ]


def test_what_a_colleague_saved_since_the_trial_refuses_the_save_and_is_shown(store):
    app = tried(lab(store), 6)
    add(store, valid_from=next_monday() + timedelta(weeks=3))
    saved(app)
    assert errors(app)[0].startswith("Somebody else changed this since you opened it. Nothing was stored.")
    assert both_values(app)["Note"] == ("a colleague", "Region meeting")
    assert [one.note for one in stored(store)] == ["a colleague"]
    app.button(key="lab_save_store_mine").click().run()
    assert [one.note for one in stored(store)] == ["Region meeting", "a colleague"]


def test_a_version_of_the_present_monday_holds_at_once(store):
    app = tried(lab(store), 6)
    app.selectbox(key="threshold_lab_valid_from").set_value(week_start_of(today()))
    saved(app)
    assert frame(app, "state")["state"].tolist() == ["In force"]
    app.multiselect(key="threshold_lab_numbers").set_value([HOLD]).run()
    assert app.number_input(key="threshold_lab_value_limits_hold_down_weeks_6").value == 6


def test_a_version_to_come_is_withdrawn_and_stays_on_the_list(store):
    version_id = add(store, valid_from=next_monday())
    app = lab(store)
    app.selectbox(key="threshold_lab_version").set_value(version_id).run()
    assert frame(app, "after")["after"].tolist() == [7.0]
    app.button(key=f"threshold_lab_lab_withdraw_{version_id}").click().run()
    assert not app.exception
    assert stored(store) == ()
    assert f"The version of {day_word('en', next_monday())} is withdrawn." in words(app)
    assert frame(app, "state")["state"].tolist() == ["Withdrawn"]
    assert "Withdrawn by Boss" in words(app)


def test_a_version_a_colleague_withdrew_meanwhile_is_not_withdrawn_again(store):
    version_id = add(store, valid_from=next_monday())
    app = lab(store)
    app.selectbox(key="threshold_lab_version").set_value(version_id).run()
    with writing(store) as session:
        withdraw_stage_rules(session, actor=ADMIN, version_id=version_id, shown_version=1, today=today(), write_key="w")
    button = f"threshold_lab_lab_withdraw_{version_id}"
    app.button(key=button).click().run()
    with reading(store) as session:
        assert session.get_one(StageRuleVersionRow, version_id).version == 2
    assert errors(app)[0].startswith("Somebody else changed this")
    app.button(key=f"lab_withdraw_{version_id}_keep_stored").click().run()
    assert button not in [one.key for one in app.button]
    assert errors(app) == []


def test_a_version_in_force_cannot_be_withdrawn(store):
    version_id = add(store, valid_from=week_start_of(today()))
    app = lab(store)
    app.selectbox(key="threshold_lab_version").set_value(version_id).run()
    assert frame(app, "after") is not None
    assert [one for one in app.button if one.key and "withdraw" in one.key] == []


def test_a_stored_number_stands_on_how_it_decides(store):
    add(store, valid_from=next_monday())
    app = screen(store, "how_it_decides", query={"how_it_decides_section": "stages"})
    rows = frame(app, "made")
    stored_rows = rows[rows["made"] == "By an administrator"]
    assert stored_rows[["key", "value", "source"]].to_numpy().tolist() == [["hold_down_weeks", 7.0, "a colleague"]]
