from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import BranchStatus, StaffRole, UserRole
from core.survey.completeness import branch_standings, judged_parts
from core.survey.fields import Confidence, Method
from core.survey.parts import Answer, PartEntry, Source
from core.trail.words import changed_fields
from db.access import NotAllowedError
from db.backup import back_up, restore
from db.changes import ChangedByOtherError, utc_now
from db.engine import engine_of, reading, writing
from db.models import AuditRow, BranchRow, SurveyAnswerRow, SurveyVersionRow, UserRow
from db.survey_facts import survey_facts
from db.survey_sheets import questionnaire_results, record_sheet
from db.surveys import save_part, saved_states, staff_codes, survey_of
from tests.builders import ADMIN, add_branch, add_staff, head_of, manager_of, supervisor

TODAY = date(2026, 3, 18)
POINTS = {f"Q{number}": number % 5 + 1 for number in range(1, 8)}
RIVALS = {"rival_count": 1, "rival_rows": [{"label": "甲公司", "product_kind": "annuity"}], "our_strength": ["speed"]}
PEOPLE = {"org_chart": {"teller": 4}, "attitude": {"teller": 2}, "planned_moves": "六月轮岗", "decision_maker": "H1"}


@pytest.fixture
def world(store):
    """A branch of Li with a head and three sellers; one of Wu. Li has an account."""
    with writing(store) as session:
        row = UserRow(
            username="li", display_name="Li", role=UserRole.SUPERVISOR, password_hash="x", created_at=utc_now()
        )
        session.add(row)
        session.flush()
        mine, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu", region="西区分公司")
        add_staff(session, mine, "H1", role=StaffRole.BRANCH_HEAD)
        for number in range(3):
            add_staff(session, mine, f"W{number}")
        return {"li": replace(supervisor("li"), user_id=row.id), "mine": mine.id, "other": other.id, "store": store}


def entry(section="environment", values=None, *, day=TODAY, note=None, **more):
    source = Source((Method.ASK, Method.OBSERVE), day, Confidence.LIKELY, note)
    return PartEntry(section, source, values or {}, **more)


def save(world, part, *, actor=None, shown=0, today=TODAY, key="k", branch="mine"):
    with writing(world["store"]) as session:
        return save_part(
            session,
            actor=actor or world["li"],
            branch_id=world[branch],
            entry=part,
            shown_version=shown,
            today=today,
            key=key,
        )


def ask(world, question, actor=None, branch="mine", **more):
    with reading(world["store"]) as session:
        return question(session, actor=actor or world["li"], branch_id=world[branch], **more)


def standing(world, actor=None, as_of=TODAY):
    actor = actor or world["li"]
    with reading(world["store"]) as session:
        facts = survey_facts(session, actor=actor, as_of=as_of)
    parts = judged_parts(facts, as_of=as_of, for_head=actor.role is UserRole.BRANCH_HEAD)
    return parts.set_index(["branch_id", "section"]), branch_standings(parts).set_index("branch_id")


def test_the_facts_can_be_asked_for_some_branches_of_the_scope(world):
    with reading(world["store"]) as session:
        facts = survey_facts(session, actor=world["li"], as_of=TODAY, branch_ids=[world["mine"], world["other"]])
        nobody = survey_facts(session, actor=ADMIN, as_of=TODAY, branch_ids=[])
        one = survey_facts(session, actor=ADMIN, as_of=TODAY, branch_ids=[world["other"]])
    assert [set(found["branch_id"]) for found in (facts, nobody, one)] == [{world["mine"]}, set(), {world["other"]}]


def test_a_saved_part_comes_back_with_its_source_and_each_save_is_a_state_of_its_own(world):
    own = Source((Method.INSIDE,), TODAY - timedelta(days=3), Confidence.GUESS, "前任说")
    values = {"area_kind": "market", "daily_visitors": 90}
    first = entry(values=values, note="现场看过", unknown=("transport",), sources={"area_kind": own})
    assert save(world, first) == 1
    part = ask(world, survey_of)["environment"]
    assert (part.number, part.saved_by, part.saved_on) == (1, "Li", TODAY)
    assert part.source == first.source
    assert part.answers == {
        "area_kind": Answer("market", source=own),
        "transport": Answer(None, is_unknown=True),
        "daily_visitors": Answer(90),
    }
    later = TODAY + timedelta(days=10)
    second = entry(values=values | {"daily_visitors": 120}, day=later, unknown=("transport",))
    assert save(world, second, shown=1, today=later, key="k2") == 2
    assert save(world, entry("business", {"compliance_findings": 0}), key="k3") == 3
    now = ask(world, survey_of)
    assert list(now) == ["environment", "business"]
    assert now["environment"].answers["daily_visitors"] == Answer(120)
    assert now["environment"].source_of("area_kind") == own
    assert now["environment"].source_of("transport").surveyed_on == TODAY
    then = ask(world, survey_of, number=1)
    assert list(then) == ["environment"]
    assert then["environment"].answers["daily_visitors"].value == 90
    assert [(one.number, one.section) for one in ask(world, saved_states)] == [
        (3, "business"),
        (2, "environment"),
        (1, "environment"),
    ]


def test_a_branch_head_gets_no_competitors_no_hidden_answer_and_no_note(world):
    own = Source((Method.INSIDE,), TODAY, Confidence.GUESS, "秘密")
    save(world, entry("people", PEOPLE, note="秘密", sources={"org_chart": own}), key="k1")
    save(world, entry("rivals", RIVALS, note="秘密"), key="k2")
    save(world, entry("business", {"fee_income_year": {"amount": 5}, "kpi_weight": 10}), key="k3")
    head = head_of(world["mine"])
    seen = ask(world, survey_of, head)
    assert list(seen) == ["people", "business"]
    assert set(seen["people"].answers) == {"org_chart", "decision_maker"}
    assert set(seen["business"].answers) == {"kpi_weight"}
    assert "秘密" not in repr(seen)
    assert {one.section for one in ask(world, saved_states, head)} == {"people", "business"}
    assert ask(world, survey_of, head, number=2).keys() == {"people"}
    parts, branches = standing(world, head)
    assert parts.index.get_level_values("section").tolist() == ["environment", "people", "business"]
    assert parts["filled"].tolist() == [0, 2, 0]
    assert branches["required"].tolist() == [28]
    with_supplied = {"fee_income_year": {"amount": 5, "by_branch": True}}
    save(world, entry("business", with_supplied), shown=3, key="k4")
    assert set(ask(world, survey_of, head)["business"].answers) == {"fee_income_year"}


def test_completeness_counts_required_fields_that_are_known_and_ages_by_the_oldest_answer(world):
    values = {"area_kind": "market", "daily_visitors": 90, "transport": 4}
    save(world, entry(values=values, unknown=("wealth_area",)))
    later = TODAY + timedelta(days=150)
    changed = entry(values=values | {"daily_visitors": 100}, day=later, unknown=("wealth_area",))
    save(world, changed, shown=1, today=later, key="k2")
    parts, branches = standing(world, as_of=later)
    row = parts.loc[(world["mine"], "environment")]
    assert (row["number"], row["filled"], row["required"]) == (2, 2, 12)
    assert row["oldest_year"].date() == TODAY
    assert row["oldest_half_year"].date() == later
    assert row["state"] == "inside"
    assert branches.loc[world["mine"], "completeness"] == pytest.approx(2 / 33)
    assert branches.loc[world["mine"], "due"] == ["people", "business", "rivals"]
    assert parts.loc[(world["mine"], "people")]["state"] == "missing"
    assert world["other"] not in branches.index


def test_nothing_saved_after_a_day_counts_on_that_day(world):
    save(world, entry(values={"area_kind": "market"}), today=TODAY)
    parts, _ = standing(world, as_of=TODAY - timedelta(days=1))
    assert parts.loc[(world["mine"], "environment")]["state"] == "missing"


CHANGES = {
    "nobody": ({}, "inside"),
    "one of three sellers": ({"W0": {"left_on": TODAY + timedelta(days=2)}}, "inside"),
    "two on their last day": ({code: {"left_on": TODAY + timedelta(days=5)} for code in ("W0", "W1")}, "inside"),
    "two of three": ({"W0": {"left_on": TODAY + timedelta(days=2)}, "W1": {"left_on": TODAY}}, "people_changed"),
    "the head left": ({"H": {"left_on": TODAY + timedelta(days=1)}}, "people_changed"),
    "the head left before": ({"H": {"left_on": TODAY - timedelta(days=1)}}, "inside"),
    "the head came": ({"H": {"joined_on": TODAY + timedelta(days=1)}}, "people_changed"),
    "the head came that day": ({"H": {"joined_on": TODAY}}, "inside"),
}


def test_people_who_left_or_came_since_make_people_due_at_once(world):
    with writing(world["store"]) as session:
        for number, (name, (changed, _)) in enumerate(CHANGES.items()):
            branch = add_branch(session, f"P{number}")
            add_staff(session, branch, f"P{number}H", role=StaffRole.BRANCH_HEAD, **changed.get("H", {}))
            for code in ("W0", "W1", "W2"):
                add_staff(session, branch, f"P{number}{code}", **changed.get(code, {}))
            world[name] = branch.id
            source = Source((Method.ASK,), TODAY, Confidence.SURE)
            save_part(
                session,
                actor=world["li"],
                branch_id=branch.id,
                entry=PartEntry("people", source, {"org_chart": {"teller": 4}}),
                shown_version=0,
                today=TODAY,
                key=name,
            )
    parts, _ = standing(world, as_of=TODAY + timedelta(days=5))
    found = {name: parts.loc[(world[name], "people")]["state"] for name in CHANGES}
    assert found == {name: state for name, (_, state) in CHANGES.items()}


def test_every_branch_in_scope_has_its_parts_even_where_nothing_was_surveyed(world):
    with writing(world["store"]) as session:
        for number in range(5):
            add_branch(session, f"C{number}")
    asked = []
    event.listen(engine_of(world["store"]), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    _, branches = standing(world, ADMIN)
    assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 3
    assert len(branches) == 7
    assert branches["state"].unique().tolist() == ["missing"]
    assert standing(world, manager_of("西区分公司"))[1].index.tolist() == [world["other"]]


def test_a_double_submit_saves_once_and_an_older_state_is_refused(world):
    assert save(world, entry(values={"area_kind": "market"})) == 1
    assert save(world, entry(values={"area_kind": "market"})) == 1
    with pytest.raises(ChangedByOtherError) as refused:
        save(world, entry(values={"area_kind": "township"}), key="k2")
    assert refused.value.by == "Li"
    assert refused.value.current == {
        "surveyed_on": "2026-03-18",
        "methods": "ask,observe",
        "confidence": "likely",
        "note": None,
        "area_kind": '"market"',
        "source.area_kind": '["2026-03-18", "ask,observe", "likely", null]',
    }
    assert save(world, entry("rivals", RIVALS), key="k3") == 2
    assert save(world, entry(values={"area_kind": "township"}), shown=1, key="k4") == 3


def test_a_refused_part_leaves_nothing(world):
    part = entry("rivals", {"rival_fee_policy": {"policy": "每单若干"}, "branch_view": "找 13812345678"})
    with pytest.raises(RefusedError) as refused:
        save(world, part)
    assert [(one.key, one.place) for one in refused.value.problems] == [
        (ProblemKey.NEEDS_TICK, "rival_fee_policy"),
        (ProblemKey.PERSONAL_NUMBER, "branch_view"),
    ]
    with reading(world["store"]) as session:
        for row in (SurveyVersionRow, SurveyAnswerRow, AuditRow):
            assert session.scalar(select(func.count()).select_from(row)) == 0
    with pytest.raises(RefusedError, match="staff_code"):
        save(world, entry("people", {"decision_maker": "W9"}))
    with pytest.raises(RefusedError, match="not_a_choice"):
        save(world, entry("weather"))


def test_only_who_looks_after_the_branch_may_save_and_never_to_a_closed_one(world):
    for actor in (head_of(world["mine"]), supervisor("wu"), manager_of("西区分公司")):
        with pytest.raises(NotAllowedError):
            save(world, entry(), actor=actor)
    with writing(world["store"]) as session:
        session.get(BranchRow, world["mine"]).status = BranchStatus.CLOSED
    with pytest.raises(RefusedError, match="closed"):
        save(world, entry())
    assert world["mine"] not in standing(world)[1].index


def test_the_trail_names_what_changed_before_and_after(world):
    save(world, entry(values={"area_kind": "market", "daily_visitors": 90}))
    save(world, entry(values={"area_kind": "market"}, unknown=("daily_visitors",)), shown=1, key="k2")
    with reading(world["store"]) as session:
        first, second = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert first.before is None
    assert first.after["area_kind"] == '"market"'
    source = {"surveyed_on": "2026-03-18", "methods": "ask,observe", "confidence": "likely", "note": None}
    assert second.before == {"number": 1, "daily_visitors": "90", **source}
    assert second.after["daily_visitors"] == "unknown"
    assert "area_kind" not in second.after


def test_the_trail_names_how_a_part_was_found_out_where_no_answer_changed(world):
    values = {"area_kind": "market", "transport": 4}
    save(world, entry(values=values))
    source = Source((Method.INSIDE,), TODAY, Confidence.GUESS, " 电话问过 ")
    own = {"transport": Source((Method.OBSERVE,), TODAY, Confidence.SURE, "现场看过")}
    save(world, PartEntry("environment", source, values, sources=own), shown=1, key="k2")
    with reading(world["store"]) as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    told = changed_fields("en", row.subject, row.before, row.after)
    assert [(one.title, one.before, one.after) for one in told if one.title != "Part"] == [
        ("How it was found out", "Asked directly, On-site observation", "Found out from others"),
        ("Confidence", "Likely", "Guess"),
        ("Note", "", "电话问过"),
        ("Unchanged answers confirmed on the survey day", "", "No"),
        (
            "Source of: Access",
            "Asked directly, On-site observation · 18 Mar 2026 · Likely",
            "On-site observation · 18 Mar 2026 · Sure · 现场看过",
        ),
    ]


def test_staff_codes_are_those_of_the_branch(world):
    assert ask(world, staff_codes) == ("H1", "W0", "W1", "W2")
    assert ask(world, staff_codes, supervisor("wu")) == ()


def record(world, role="teller", points=None, day=TODAY, key="s", actor=None):
    with writing(world["store"]) as session:
        record_sheet(
            session,
            actor=actor or world["li"],
            branch_id=world["mine"],
            role=role,
            points=POINTS if points is None else points,
            answered_on=day,
            today=TODAY,
            key=key,
        )


def test_sheets_are_shown_by_post_from_three_on_and_a_year_long(world):
    for number in range(3):
        record(world, key=f"t{number}")
        record(world, "wealth_manager", key=f"w{number}", day=TODAY - timedelta(days=365 + number // 2))
    record(world, key="t0")
    tellers, managers = sorted(ask(world, questionnaire_results, as_of=TODAY), key=lambda one: -one.sheets)
    assert (tellers.role, tellers.sheets, tellers.means) == (StaffRole.TELLER, 3, POINTS)
    assert (managers.role, managers.sheets, managers.means) == (StaffRole.WEALTH_MANAGER, 2, {})


def test_a_sheet_that_cannot_be_is_refused(world):
    for more, problem in (
        ({"role": "branch_head"}, "not_a_choice"),
        ({"points": POINTS | {"Q1": 6}}, "out_of_range"),
        ({"points": POINTS | {"Q1": None}}, "empty"),
        ({"day": TODAY + timedelta(days=1)}, "in_future"),
    ):
        with pytest.raises(RefusedError, match=problem):
            record(world, **more)
    assert ask(world, questionnaire_results, as_of=TODAY) == ()


def test_a_survey_comes_back_from_a_backup_whole(world, tmp_path):
    save(world, entry("people", PEOPLE, note="记"))
    record(world)
    copy = tmp_path / "copy.db"
    back_up(world["store"], copy)
    before = ask(world, survey_of)
    save(world, entry("people", PEOPLE | {"org_chart": {"teller": 9}}), shown=1, key="k2")
    restore(world["store"], copy)
    assert ask(world, survey_of) == before
