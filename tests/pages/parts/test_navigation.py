"""The pages of a tab are made once, and anew where somebody else or another language asks for them."""

from core.facts import UserRole
from db.engine import writing
from db.models import UserRow
from pages.parts.session import PAGES
from tests.screens import screen


def titles(app):
    return [page.title for page in app.session_state[PAGES].pages.values()]


def test_a_rerun_takes_the_pages_of_the_run_before(sqlite_store):
    app = screen(sqlite_store, "account")
    before = app.session_state[PAGES]
    app.run()
    assert app.session_state[PAGES] is before


def test_another_language_names_the_pages_anew(sqlite_store):
    app = screen(sqlite_store, "account")
    assert "My account" in titles(app)
    next(bar for bar in app.get("button_group") if bar.key == "frame_language").set_value("zh")
    app.run()
    assert "我的账号" in titles(app)
    assert "My account" not in titles(app)
    assert app.title[0].value == "我的账号"


def test_another_role_opens_other_pages_from_the_next_run_on(sqlite_store):
    app = screen(sqlite_store, "users")
    assert "users" in app.session_state[PAGES].pages
    with writing(sqlite_store) as session:
        session.query(UserRow).one().role = UserRole.SUPERVISOR
    app.run()
    assert "users" not in app.session_state[PAGES].pages
    assert "Users" not in [title.value for title in app.title]


def test_whoever_must_change_his_password_finds_no_page_of_before(sqlite_store):
    app = screen(sqlite_store, "overview")
    with writing(sqlite_store) as session:
        session.query(UserRow).one().must_change_password = True
    app.run()
    assert [title.value for title in app.title] == ["My account"]
