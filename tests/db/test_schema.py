from alembic import command
from sqlalchemy import inspect, text

from db.engine import data_version, engine_of, reading, writing
from db.models import Base
from db.schema import _alembic, newest_schema, schema_differences, schema_is_current, schema_of, upgrade_store
from tests.builders import add_branch


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


def test_sqlite_runs_with_the_settings_the_promises_rest_on(sqlite_store):
    with engine_of(sqlite_store).connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_reader_sees_one_snapshot_while_another_writes(store):
    count = text("SELECT count(*) FROM bank")
    with reading(store) as reader:
        assert reader.execute(count).scalar_one() == 0
        with writing(store) as session:
            session.execute(text("INSERT INTO bank (name) VALUES ('青禾银行')"))
        assert reader.execute(count).scalar_one() == 0
    with reading(store) as reader:
        assert reader.execute(count).scalar_one() == 1
