"""A PostgreSQL server that drops its connections: what ran is gone whole, the next question works."""

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from db.engine import data_version, reading, writing
from tests.builders import add_branch


def cut_all(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def version(url):
    with reading(url) as session:
        return data_version(session)


def test_the_next_question_after_a_cut_works(postgres_store):
    before = version(postgres_store)
    cut_all(postgres_store)
    assert version(postgres_store) == before
    with writing(postgres_store) as session:
        add_branch(session, "B1")
    assert version(postgres_store) == before + 1


def write_over_a_cut(url):
    with writing(url) as session:
        add_branch(session, "B1")
        session.flush()
        cut_all(url)
        add_branch(session, "B2")
        session.flush()


def test_a_write_that_is_cut_leaves_nothing(postgres_store):
    before = version(postgres_store)
    with pytest.raises(DBAPIError) as lost:
        write_over_a_cut(postgres_store)
    assert "B2" not in str(lost.value)
    assert version(postgres_store) == before
    with writing(postgres_store) as session:
        add_branch(session, "B1")  # the key is free: nothing of the cut write was stored
