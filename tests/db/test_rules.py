from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from core.cadence.targets import CadenceTarget
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import Actor, RestatementCause, SizeTier, StaffRole, Stage
from core.kpis.definitions import KpiTarget
from db import stage_history
from db.access import NotAllowedError
from db.calendar_days import calendar_days, set_calendar_day, working_calendar
from db.changes import ChangedByOtherError
from db.dated_rules import RuleRefusedError
from db.engine import reading, writing
from db.models import AuditRow, CalendarDayRow, SettingRow, TargetRow
from db.settings import add_setting, setting_value, settings
from db.targets import add_cadence_target, add_kpi_target, cadence_targets, kpi_targets
from tests.builders import ADMIN, head_of, manager_of, supervisor

TODAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
OTHERS = [manager_of("东区"), supervisor(), head_of(1)]


def cadence_target(**changes: Any) -> CadenceTarget:
    values: dict[str, Any] = {
        "role": StaffRole.TELLER,
        "stage": Stage.SLUMP,
        "unit": "week",
        "minimum": Decimal("1.5"),
        "maximum": None,
        "scope": "person",
        "valid_from": MONDAY,
        "source_en": "Region meeting of 20 November",
        "source_zh": "Region meeting of 20 November",
    }
    return CadenceTarget(**{**values, **changes})


def kpi_target(**changes: Any) -> KpiTarget:
    values: dict[str, Any] = {
        "kpi": "regular_share",
        "tier": None,
        "target": Decimal("0.4"),
        "valid_from": MONDAY,
        "source_en": "Company plan 2027",
        "source_zh": "Company plan 2027",
    }
    return KpiTarget(**{**values, **changes})


def store_target(
    store: str, write_key: str = "k1", actor: Actor = ADMIN, shown: int = 0, **changes: Any
) -> dict[str, Any]:
    with writing(store) as session:
        return add_cadence_target(
            session,
            actor=actor,
            target=cadence_target(**changes),
            shown_version=shown,
            today=TODAY,
            write_key=write_key,
        )


def test_a_new_target_is_stored_beside_the_shipped_ones_with_an_audit_row(store: str) -> None:
    store_target(store)
    with reading(store) as session:
        (stored,) = [row for row in cadence_targets(session) if row.is_stored]
        audit = session.scalars(select(AuditRow)).one()
        assert len(cadence_targets(session)) == 5
    assert (stored.role, stored.stage, stored.minimum, stored.scope) == (
        StaffRole.TELLER,
        Stage.SLUMP,
        Decimal("1.5"),
        "person",
    )
    assert (audit.action, audit.subject) == ("add", "target")
    assert audit.after is not None
    assert audit.after["valid_from"] == "2026-11-23"


def test_a_second_submit_with_the_same_key_stores_nothing(store: str) -> None:
    assert store_target(store) == store_target(store)
    with reading(store) as session:
        assert session.scalar(select(func.count()).select_from(TargetRow)) == 1


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"valid_from": date(2026, 11, 21)}, "starts_in_the_past"),
        ({"maximum": Decimal(1)}, "maximum_below_minimum"),
        ({"minimum": Decimal(101)}, "out_of_range"),
    ],
)
def test_a_target_that_cannot_stand_is_refused(store: str, changes: dict[str, Any], mistake: str) -> None:
    with pytest.raises(RuleRefusedError) as refused:
        store_target(store, **changes)
    assert refused.value.mistake == mistake
    with reading(store) as session:
        assert session.scalar(select(func.count()).select_from(TargetRow)) == 0


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("  ", ProblemKey.EMPTY),
        ("x" * 201, ProblemKey.TOO_LONG),
        ("Ask 13812345678", ProblemKey.PERSONAL_NUMBER),
    ],
    ids=lambda value: value[:5],
)
def test_a_target_says_who_decided_it_and_names_nobody(sqlite_store: str, source: str, key: ProblemKey) -> None:
    with pytest.raises(RefusedError) as refused:
        store_target(sqlite_store, source_en=source)
    assert [(one.place, one.key) for one in refused.value.problems] == [("source", key)]


def test_a_row_in_force_stays_and_the_refusal_names_its_values(store: str) -> None:
    store_target(store, "k1", valid_from=TODAY)
    store_target(store, "k2", valid_from=TODAY, stage=None)
    for shown in (0, 1):
        with pytest.raises(RuleRefusedError) as refused:
            store_target(store, "k3", valid_from=TODAY, minimum=Decimal(3), shown=shown)
        assert (refused.value.mistake, refused.value.subject) == ("in_force", "target")
        assert (refused.value.current["minimum"], refused.value.current["unit"]) == (Decimal("1.5"), "week")


def test_a_row_still_to_come_is_replaced_by_whoever_saw_it(store: str) -> None:
    first = store_target(store, "k1")
    with pytest.raises(ChangedByOtherError) as refused:
        store_target(store, "k2", minimum=Decimal(3))
    assert (refused.value.current["minimum"], refused.value.version) == (Decimal("1.5"), 1)
    assert store_target(store, "k3", minimum=Decimal(3), source_en=" Corrected ", shown=1) == first
    with pytest.raises(ChangedByOtherError):
        store_target(store, "k4", minimum=Decimal(2), shown=1)
    with reading(store) as session:
        (stored,) = [row for row in cadence_targets(session) if row.is_stored]
        trail = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert (stored.minimum, stored.source_en, stored.version) == (3, "Corrected", 2)
    assert [(one.action, one.subject_id) for one in trail] == [("add", str(first["id"])), ("change", str(first["id"]))]
    assert trail[0].before is not None
    assert trail[0].before["minimum"] == "1"  # what the shipped row asked for
    assert trail[1].before is not None
    assert trail[1].after is not None
    assert (Decimal(trail[1].before["minimum"]), trail[1].before["source"]) == (
        Decimal("1.5"),
        "Region meeting of 20 November",
    )
    assert "key" not in trail[1].before  # so that the changes say which row it was
    assert trail[1].after["key"] == "teller"
    assert (Decimal(trail[1].after["minimum"]), trail[1].after["source"]) == (3, "Corrected")


def test_a_row_read_before_the_lock_is_held_against_what_stands_under_it(postgres_store: str) -> None:
    store_target(postgres_store, "k1")
    with writing(postgres_store) as session:
        known = session.scalars(select(TargetRow)).all()
        store_target(postgres_store, "k2", minimum=Decimal(3), shown=1)
        mine = cadence_target(minimum=Decimal(2))
        with pytest.raises(ChangedByOtherError) as refused:
            add_cadence_target(session, actor=ADMIN, target=mine, shown_version=1, today=TODAY, write_key="k3")
    assert (refused.value.current["minimum"], refused.value.version, len(known)) == (3, 2, 1)


@pytest.mark.parametrize("kind", ["kpi", "setting"])
def test_a_kpi_target_and_a_setting_still_to_come_are_replaced_alike(store: str, kind: str) -> None:
    def put(write_key: str, shown: int, source: str, valid_from: date = MONDAY) -> None:
        more: dict[str, Any] = {"actor": ADMIN, "shown_version": shown, "today": TODAY, "write_key": write_key}
        with writing(store) as session:
            if kind == "kpi":
                add_kpi_target(session, target=kpi_target(source_en=source, valid_from=valid_from), **more)
            else:
                where = {"key": "cadence_scope", "value": "person", "valid_from": valid_from, "source": source}
                add_setting(session, **where, **more)

    put("k1", 0, "Plan")
    with pytest.raises(ChangedByOtherError) as refused:
        put("k2", 0, "Another plan")
    assert refused.value.current["source"] == "Plan"
    put("k3", 1, "Another plan")
    put("k4", 0, "Today", TODAY)
    with pytest.raises(RuleRefusedError, match="in_force"):
        put("k5", 1, "Today again", TODAY)
    with reading(store) as session:
        trail = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    found = [(one.action, (one.before or {}).get("source"), (one.after or {})["source"]) for one in trail]
    assert found == [("add", None, "Plan"), ("change", "Plan", "Another plan"), ("add", None, "Today")]


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.role)
def test_only_an_administrator_changes_rules(store: str, actor: Actor) -> None:
    with pytest.raises(NotAllowedError):
        store_target(store, actor=actor)
    with writing(store) as session:
        with pytest.raises(NotAllowedError):
            add_kpi_target(session, actor=actor, target=kpi_target(), shown_version=0, today=TODAY, write_key="k1")
        with pytest.raises(NotAllowedError):
            set_calendar_day(
                session,
                actor=actor,
                day=MONDAY,
                kind="off",
                name="x",
                source="x",
                shown_version=0,
                today=TODAY,
                write_key="k2",
            )
        with pytest.raises(NotAllowedError):
            add_setting(
                session,
                actor=actor,
                key="cadence_scope",
                value="person",
                valid_from=MONDAY,
                source="x",
                shown_version=0,
                today=TODAY,
                write_key="k3",
            )


def test_a_kpi_target_is_stored_in_the_unit_of_the_kpi(store: str) -> None:
    with writing(store) as session:
        add_kpi_target(
            session,
            actor=ADMIN,
            target=kpi_target(kpi="policies_per_branch", tier=SizeTier.LARGE, target=Decimal("7.5")),
            shown_version=0,
            today=TODAY,
            write_key="k1",
        )
        assert session.scalars(select(TargetRow.unit)).one() == "count"
    with reading(store) as session:
        (stored,) = [row for row in kpi_targets(session) if row.is_stored]
    assert (stored.kpi, stored.tier, stored.target) == ("policies_per_branch", SizeTier.LARGE, Decimal("7.5"))


@pytest.mark.parametrize("amount", ["-0.01", "1.01"])
def test_the_target_of_a_share_lies_between_zero_and_one(store: str, amount: str) -> None:
    with writing(store) as session, pytest.raises(RuleRefusedError, match="out_of_range"):
        add_kpi_target(
            session,
            actor=ADMIN,
            target=kpi_target(target=Decimal(amount)),
            shown_version=0,
            today=TODAY,
            write_key="k1",
        )


def test_a_calendar_day_is_set_and_changed_and_the_trail_keeps_what_it_was(store: str) -> None:
    values = {"name": "Typhoon", "source": "City notice"}
    for version, kind in enumerate(("off", "work")):
        with writing(store) as session:
            set_calendar_day(
                session,
                actor=ADMIN,
                day=MONDAY,
                kind=kind,
                shown_version=version,
                today=TODAY,
                write_key=f"k{version}",
                **values,
            )
    with writing(store) as session, pytest.raises(ChangedByOtherError) as refused:
        set_calendar_day(
            session, actor=ADMIN, day=MONDAY, kind="off", shown_version=1, today=TODAY, write_key="late", **values
        )
    assert (refused.value.current["kind"], refused.value.version) == ("work", 2)
    with reading(store) as session:
        assert calendar_days(session).to_pylist() == [{"day": MONDAY, "kind": "work", **values, "version": 2}]
        assert working_calendar(session).is_workday(MONDAY)
        trail = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert trail[0].before is None
    assert trail[1].before == {"kind": "off", "name": "Typhoon", "source": "City notice"}


def test_a_calendar_day_says_what_it_is_and_who_says_so_and_names_nobody(sqlite_store: str) -> None:
    values: dict[str, Any] = {"kind": "off", "name": "Flood", "source": "City notice", "reason": "Published late"}
    more: dict[str, Any] = {"actor": ADMIN, "shown_version": 0, "today": TODAY, "write_key": "k1"}
    with writing(sqlite_store) as session:
        with pytest.raises(RuleRefusedError, match="unknown_value"):
            set_calendar_day(session, day=MONDAY, **{**values, "kind": "half"}, **more)
        for field, place in (("name", "day_name"), ("source", "source"), ("reason", "past_reason")):
            for words, key in (
                (" ", ProblemKey.EMPTY),
                ("x" * 201, ProblemKey.TOO_LONG),
                ("Ask 13812345678", ProblemKey.PERSONAL_NUMBER),
            ):
                with pytest.raises(RefusedError) as refused:
                    set_calendar_day(session, day=date(2026, 11, 15), **{**values, field: words}, **more)
                assert [(one.place, one.key) for one in refused.value.problems] == [(place, key)]
        assert session.scalar(select(func.count()).select_from(CalendarDayRow)) == 0


def test_a_day_of_a_week_that_is_over_is_corrected_for_a_reason_and_stages_follow(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew: list[Any] = []
    monkeypatch.setattr(stage_history, "recompute_stages", lambda _, **more: anew.append(more))
    values = {"kind": "work", "name": "Make-up day", "source": "City notice", "shown_version": 0, "today": TODAY}
    last_sunday, this_monday = date(2026, 11, 15), date(2026, 11, 16)
    with writing(store) as session:
        set_calendar_day(session, actor=ADMIN, day=this_monday, write_key="k1", **values)
        assert anew == []
        set_calendar_day(session, actor=ADMIN, day=last_sunday, write_key="k3", reason="Published late", **values)
        trail = session.scalars(select(AuditRow.after).order_by(AuditRow.id)).all()
    assert [(after or {}).get("reason") for after in trail] == [None, "Published late"]
    assert [(one["as_of"], one["cause"].kind) for one in anew] == [(TODAY, RestatementCause.CALENDAR)]


def test_a_setting_holds_from_its_day_on(store: str) -> None:
    with writing(store) as session:
        add_setting(
            session,
            actor=ADMIN,
            key="cadence_scope",
            value="person",
            valid_from=MONDAY,
            source="Region meeting",
            shown_version=0,
            today=TODAY,
            write_key="k1",
        )
    with reading(store) as session:
        assert setting_value(session, key="cadence_scope", day=TODAY) == "role"
        assert setting_value(session, key="cadence_scope", day=MONDAY) == "person"
        assert [row.value for row in settings(session) if row.key == "cadence_scope"] == ["role", "person"]


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"value": "team"}, "unknown_value"),
        ({"key": "colour"}, "unknown_value"),
        ({"valid_from": date(2026, 11, 21)}, "starts_in_the_past"),
    ],
)
def test_a_setting_that_cannot_stand_is_refused(store: str, changes: dict[str, Any], mistake: str) -> None:
    values = {"key": "cadence_scope", "value": "person", "valid_from": MONDAY, "source": "Meeting", **changes}
    with writing(store) as session:
        with pytest.raises(RuleRefusedError, match=mistake):
            add_setting(session, actor=ADMIN, shown_version=0, today=TODAY, write_key="k1", **values)
        assert session.scalar(select(func.count()).select_from(SettingRow)) == 0


def test_an_unknown_setting_is_named(store: str) -> None:
    with reading(store) as session, pytest.raises(LookupError, match="no value of the setting 'colour'"):
        setting_value(session, key="colour", day=TODAY)
