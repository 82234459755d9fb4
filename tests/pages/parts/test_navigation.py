"""The pages of a tab are made once, and anew where somebody else or another language asks for them."""

from core.facts import UserRole
from db.engine import writing
from db.models import UserRow
from pages.parts.navigation import START
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


def in_menu(pages):
    return [name for name, page in pages.items() if page.title == "Overview" and page.visibility == "visible"]


def test_the_landing_screen_stands_in_the_menu_once_and_where_it_is_open(sqlite_store):
    known = screen(sqlite_store, "overview").session_state[PAGES]
    assert (in_menu(known.pages), in_menu(known.named)) == ([START], ["overview"])
    assert known.marking(known.pages["overview"]) == list(known.named.values())
    assert {known.marking(page) for name, page in known.pages.items() if name != "overview"} == {None}
