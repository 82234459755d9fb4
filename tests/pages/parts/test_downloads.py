from datetime import date

import pytest
from sqlalchemy import select

from core.facts import COMMAND_LINE, UserRole
from db.access import NotAllowedError
from db.engine import data_version, reading, writing
from db.models import AuditRow
from db.users import change_role
from pages.parts.downloads import exported
from pages.parts.store.accounts import end_session, find_live_session, open_session
from pages.parts.store.base import Ask
from tests.builders import add_branch
from tests.running import add_user
from tests.screens import screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


def ask_of(store, user_id):
    digest = open_session(user_id, cred_version=1).digest
    live = find_live_session(digest)
    return Ask(live.actor, live.data_version, date(2026, 11, 22), "en", False, store, digest)


def exports(store):
    with reading(store) as session:
        return session.scalars(select(AuditRow).where(AuditRow.action == "export")).all()


def made(ask):
    return exported(ask, lambda: b"file", name="Branches", file_format="csv", rows=3)()


def test_a_download_gives_the_file_and_leaves_an_audit_row(store):
    ask = ask_of(store, add_user(store, "li"))
    assert made(ask) == b"file"
    (entry,) = exports(store)
    assert (entry.user_id, entry.after) == (ask.actor.user_id, {"name": "Branches", "format": "csv", "rows": 3})


def test_a_download_does_not_raise_the_data_version(store):
    ask = ask_of(store, add_user(store, "li"))
    with reading(store) as session:
        before = data_version(session)
    made(ask)
    with reading(store) as session:
        assert data_version(session) == before


def test_after_signing_out_nothing_is_made(store):
    ask = ask_of(store, add_user(store, "li"))
    end_session(ask.session_digest)
    with pytest.raises(NotAllowedError):
        made(ask)
    assert exports(store) == []


def test_after_a_change_of_role_nothing_is_made(store):
    user_id = add_user(store, "li")
    ask = ask_of(store, user_id)
    with writing(store) as session:
        change_role(
            session, actor=COMMAND_LINE, user_id=user_id, version=1, role=UserRole.MANAGER, region_path="东区分公司"
        )
    with pytest.raises(NotAllowedError):
        made(ask)
    assert exports(store) == []


def test_a_table_that_was_drawn_for_another_scope_is_not_given_out(store):
    ask = ask_of(store, add_user(store, "li"))
    other = Ask(
        COMMAND_LINE, ask.data_version, ask.today, ask.language, ask.is_sample, ask.store_url, ask.session_digest
    )
    with pytest.raises(NotAllowedError):
        made(other)


def test_every_table_brings_its_two_downloads_and_makes_neither_before_the_click(store):
    with writing(store) as session:
        add_branch(session, "B1")
    app = screen(store, "branches")
    buttons = {button.proto.label: button.proto for button in app.get("download_button")}
    assert set(buttons) == {"CSV", "XLSX"}
    assert all(button.deferred_file_id and not button.url for button in buttons.values())
    assert exports(store) == []
