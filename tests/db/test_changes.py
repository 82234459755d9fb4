from dataclasses import replace

import pytest
from sqlalchemy import select

from db.changes import (
    ChangedByOtherError,
    chain_digest,
    check_version,
    first_result,
    keep_result,
    last_change,
    record_audit,
)
from db.engine import reading, writing
from db.models import AuditRow
from tests.builders import ADMIN, supervisor
from tests.running import add_user


def test_a_second_submit_with_the_same_key_finds_the_first_result(store):
    with writing(store) as session:
        assert first_result(session, key="k", actor=ADMIN) is None
        keep_result(session, key="k", actor=ADMIN, result={"id": 7})
    with reading(store) as session:
        assert first_result(session, key="k", actor=ADMIN) == {"id": 7}


def test_an_edit_of_a_record_changed_since_it_was_shown_tells_the_present_values_and_whose_they_are(store):
    li = replace(supervisor(), user_id=add_user(store, "li"))
    with writing(store) as session:
        record_audit(session, actor=li, action="change", subject="branch_event", subject_id=7, after={"note": "x"})
        record_audit(session, actor=ADMIN, action="change", subject="branch_event", subject_id=8, after={"note": "y"})
        record_audit(session, actor=ADMIN, action="see_again", subject="branch_event", subject_id=7)
    held = {"current": {"note": "x"}, "subject": "branch_event", "subject_ids": [7]}
    with reading(store) as session:
        check_version(session, shown=3, stored=3, **held)
        with pytest.raises(ChangedByOtherError) as refused:
            check_version(session, shown=3, stored=4, **held)
        assert last_change(session, subject="branch_event", subject_ids=[9]) == (None, None)
    error = refused.value
    assert (error.current, error.subject, error.version, error.by) == ({"note": "x"}, "branch_event", 4, "Li")
    assert error.at is not None
    assert error.at.tzinfo is not None


def test_each_audit_row_is_chained_to_the_row_before(store):
    with writing(store) as session:
        for number in range(3):
            record_audit(
                session, actor=supervisor(), action="edit", subject="branch", subject_id=number, after={"n": 1}
            )
    with reading(store) as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    previous = ""
    for row in rows:
        assert row.digest == chain_digest(previous, row)
        previous = row.digest
    rows[0].after = {"n": 2}
    assert rows[0].digest != chain_digest("", rows[0])
