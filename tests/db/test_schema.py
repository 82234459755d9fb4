from datetime import date

from alembic import command
from sqlalchemy import inspect, select, text

from core.facts import Stage
from db.engine import data_version, engine_of, reading, sqlite_url, writing
from db.models import Base, ContactPersonWeekRow, StaffRow, StageShownRow, SuggestionRow
from db.rollups import rebuild_rollups, rollup_differences
from db.schema import _alembic, newest_schema, schema_differences, schema_is_current, schema_of, upgrade_store
from tests.builders import add_branch, add_contact, add_staff
from tests.staged import add_stage


def test_an_upgraded_empty_store_has_exactly_the_tables_of_the_models(store):
    assert schema_differences(store) == []
    names = set(inspect(engine_of(store)).get_table_names()) - {"alembic_version"}
    assert names == set(Base.metadata.tables)


def test_upgrading_twice_changes_nothing(store):
    before = schema_of(store)
    upgrade_store(store)
    assert schema_of(store) == before == newest_schema()
    assert schema_is_current(store)


def test_a_store_of_the_first_version_is_upgraded_with_its_rows(store):
    with engine_of(store).connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_alembic(connection), "2026_11_22_first_tables")
    assert not schema_is_current(store)
    with writing(store) as session:
        branch_id = add_branch(session, "B1").id
    upgrade_store(store)
    assert schema_differences(store) == []
    with reading(store) as session:
        assert session.scalars(text("SELECT id FROM branch")).all() == [branch_id]
        assert session.execute(text("SELECT count(*) FROM stage_decision")).scalar_one() == 0


OLD_ACTIONS = """
INSERT INTO suggestion (id, branch_id, action_key, week_start, reason_key, facts, state, owner, due_on, decided_on,
                        created_at, version)
VALUES
 (1, :b, 'buddy_pair', '2026-11-02', 'badge', '{"badge": "single_seller"}', 'taken', 'li', '2026-11-20', '2026-11-04',
  '2026-11-04 02:00:00', 3),
 (2, :b, 'raise_tellers', '2026-11-09', 'badge', '{"badge": "single_seller"}', 'taken', 'li', '2026-11-24',
  '2026-11-10', '2026-11-10 02:00:00', 1),
 (3, :b, 'weekly_head_talk', '2026-11-09', 'contact_gap', '{"role": "branch_head"}', 'taken', 'wu', '2026-11-24',
  '2026-11-10', '2026-11-10 02:00:00', 1),
 (4, :b, 'weekly_head_talk', '2026-10-05', 'contact_gap', '{"role": "branch_head"}', 'done', 'wu', '2026-10-24',
  '2026-10-20', '2026-10-06 02:00:00', 2),
 (5, :b, 'objection_clinic', '2026-10-05', 'stage_basic', '{"stage": "growth"}', 'dismissed', NULL, NULL,
  '2026-10-06', '2026-10-06 02:00:00', 1)
"""


def test_actions_of_before_get_a_reason_an_end_and_the_day_they_were_taken_on_and_none_is_lost(store):
    with engine_of(store).connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_alembic(connection), "2026_11_26_market_weeks")
    with writing(store) as session:
        session.execute(text(OLD_ACTIONS.replace(":b,", f"{add_branch(session, 'B1').id},")))
    upgrade_store(store)
    assert schema_differences(store) == []
    with reading(store) as session:
        rows = session.scalars(select(SuggestionRow).order_by(SuggestionRow.id)).all()
    assert [(row.reason_code, row.state, row.seen_count, row.version) for row in rows] == [
        ("badge:single_seller", "taken", 1, 3),
        ("step:raise_tellers", "taken", 1, 1),  # the second for one reason goes by its own step
        ("role:branch_head", "taken", 1, 1),
        ("role:branch_head", "done", 1, 2),
        ("step:objection_clinic", "dismissed", 1, 1),
    ]
    assert [(row.taken_on, row.expires_on) for row in rows] == [
        (date(2026, 11, 4), date(2026, 12, 18)),
        (date(2026, 11, 10), date(2026, 12, 22)),
        (date(2026, 11, 10), date(2026, 12, 22)),
        (date(2026, 10, 6), date(2026, 11, 21)),
        (None, None),
    ]


def test_the_stages_of_an_older_store_are_kept_as_first_shown_on_an_unknown_day(store):
    with writing(store) as session:
        add_stage(session, add_branch(session), date(2026, 3, 2), Stage.GROWTH)
    with engine_of(store).connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_alembic(connection), "2026_11_26_coaching_notes")
    upgrade_store(store)
    with reading(store) as session:
        (row,) = session.scalars(select(StageShownRow))
        assert (row.week_start, row.stage, row.confidence, row.most_likely) == (
            date(2026, 3, 2),
            "growth",
            0.8,
            "growth",
        )
        assert (row.rules_on, row.shown_at, row.data_version) == (date(2000, 1, 1), None, None)


OLD_CHANGES = """
INSERT INTO audit (id, at, action, subject, subject_id, after, digest)
VALUES
 (1, '2026-11-04 02:00:00', 'take', 'suggestion', '7', NULL, 'a'),
 (2, '2026-11-04 03:00:00', 'record', 'contact', 'B2', NULL, 'b'),
 (3, '2026-11-04 04:00:00', 'edit', 'handover', 'B1', NULL, 'c'),
 (4, '2026-11-04 05:00:00', 'set', 'branch_total', 'B2 2026-10', NULL, 'd'),
 (5, '2026-11-04 06:00:00', 'note', 'today_line', 'no number', '{"branch": "B1"}', 'e'),
 (6, '2026-11-04 07:00:00', 'take', 'suggestion', '99', NULL, 'f'),
 (7, '2026-11-04 08:00:00', 'set', 'password', 'li', NULL, 'g')
"""


def test_changes_of_before_name_the_branch_of_what_they_are_about_and_stay_without_where_it_is_gone(store):
    with engine_of(store).connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_alembic(connection), "2026_11_26_reviews")
    with writing(store) as session:
        first, second = (add_branch(session, code).id for code in ("B1", "B2"))
        action = (
            "(7, :b, 'buddy_pair', '2026-11-02', 'badge', 'badge:single_seller', '{}', 'taken', '2026-11-04', 1, 1)"
        )
        columns = (
            "id, branch_id, action_key, week_start, reason_key, reason_code, facts, state, created_at, "
            "seen_count, version"
        )
        session.execute(text(f"INSERT INTO suggestion ({columns}) VALUES {action.replace(':b', str(second))}"))
        session.connection().exec_driver_sql(OLD_CHANGES)
    upgrade_store(store)
    with reading(store) as session:
        found = session.execute(text("SELECT branch_id FROM audit WHERE id <= 7 ORDER BY id")).scalars().all()
    assert found == [second, second, first, second, first, None, None]


def test_weeks_of_people_without_a_contact_left_go_and_the_others_stay(store):
    with engine_of(store).connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_alembic(connection), "2026_11_26_dated_rule_versions")
    monday, later = date(2026, 11, 16), date(2026, 11, 23)
    with writing(store) as session:
        branch = add_branch(session, "B1")
        first, second = (add_staff(session, branch, code).id for code in ("W1", "W2"))
        add_contact(session, branch, date(2026, 11, 18), staff=session.get_one(StaffRow, first))
        add_contact(session, branch, monday)
        rebuild_rollups(session)
        for staff_id, week in ((first, later), (second, monday)):
            session.add(ContactPersonWeekRow(staff_id=staff_id, week_start=week, contacts=1, days_mask=1))
    upgrade_store(store)
    with reading(store) as session:
        rows = session.scalars(select(ContactPersonWeekRow)).all()
        assert [(row.staff_id, row.week_start) for row in rows] == [(first, monday)]
        assert rollup_differences(session) == []


def test_a_self_check_finished_before_is_read_as_it_stood_and_a_draft_stays_one(store):
    with engine_of(store).connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_alembic(connection), "2026_11_26_usual_minutes")
    with writing(store) as session:
        branch_id = add_branch(session, "B1").id
        for number, finished_on in ((1, "'2026-10-20'"), (2, "NULL")):
            check = f"({number}, {branch_id}, '2026-1{number - 1}-01', '2026-10-20', {finished_on}, '物料', 1)"
            columns = "(id, branch_id, month_start, started_on, finished_on, need, version)"
            session.execute(text(f"INSERT INTO self_check {columns} VALUES {check}"))
            answer = f"({number}, 'S1', 4, '2026-10-20 02:00:00', 1)"
            columns = "(check_id, question_key, value, answered_at, version)"
            session.execute(text(f"INSERT INTO self_check_answer {columns} VALUES {answer}"))
    upgrade_store(store)
    with reading(store) as session:
        lines = session.execute(text("SELECT finished_need FROM self_check ORDER BY id")).scalars().all()
        values = session.execute(text("SELECT finished_value FROM self_check_answer ORDER BY check_id")).scalars().all()
    assert (lines, values) == (["物料", None], [4, None])


def test_a_committed_write_raises_the_data_version_once(store):
    with reading(store) as session:
        first = data_version(session)
    with writing(store):
        pass
    with reading(store) as session:
        assert data_version(session) == first + 1


def test_a_failed_write_leaves_the_data_version(store):
    with reading(store) as session:
        first = data_version(session)
    try:
        with writing(store) as session:
            session.execute(text("INSERT INTO bank (name) VALUES ('青禾银行')"))
            raise RuntimeError("stop")
    except RuntimeError:
        pass
    with reading(store) as session:
        assert data_version(session) == first
        assert session.execute(text("SELECT count(*) FROM bank")).scalar_one() == 0


def test_sqlite_runs_with_the_settings_the_promises_rest_on(tmp_path):
    engine = engine_of(sqlite_url(tmp_path / "a.db"))
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    engine.dispose()


def test_a_reader_sees_one_snapshot_while_another_writes(store):
    count = text("SELECT count(*) FROM bank")
    with reading(store) as reader:
        assert reader.execute(count).scalar_one() == 0
        with writing(store) as session:
            session.execute(text("INSERT INTO bank (name) VALUES ('青禾银行')"))
        assert reader.execute(count).scalar_one() == 0
    with reading(store) as reader:
        assert reader.execute(count).scalar_one() == 1
