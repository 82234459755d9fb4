import re
from datetime import date

import pytest

from core.facts import COMMAND_LINE, UserRole
from db import users
from db.engine import reading, writing
from db.models import UserRow
from tests.builders import add_branch, add_policy
from tests.running import PASSWORD, add_user
from tests.screens import both_values, screen, screen_of


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


def user(store, username):
    with reading(store) as session:
        return session.query(UserRow).filter_by(username=username).one()


def words(app):
    return "\n".join([*(e.value for e in app.error), *(e.value for e in app.success), *(e.value for e in app.warning)])


def test_the_users_screen_shows_all_accounts(store):
    add_user(store, "li")
    app = screen(store, "users")
    assert list(app.dataframe[0].value["username"]) == ["boss", "li"]


@pytest.mark.parametrize("name", ["users", "account"])
def test_the_day_the_data_reach_to_is_stated(store, name):
    app = screen(store, name)
    assert any("No data yet" in each.value for each in app.markdown)
    with writing(store) as session:
        add_policy(session, add_branch(session), date(2026, 3, 5))
    app = screen(store, name, username="li")
    assert any("Data up to 5 Mar 2026" in each.value for each in app.markdown)


def test_an_administrator_makes_an_account_with_a_one_time_password(store):
    app = screen(store, "users")
    app.text_input(key="users_new_username").set_value("Zhang")
    app.text_input(key="users_new_display_name").set_value("张三")
    app.button(key="users_new_submit").click().run()
    made = user(store, "zhang")
    assert (made.role, made.display_name, made.must_change_password) == ("supervisor", "张三", True)
    assert re.fullmatch(r"Zhang\n[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", app.code[0].value)
    assert list(app.dataframe[0].value["username"]) == ["boss"]
    app.run()
    assert list(app.dataframe[0].value["username"]) == ["boss", "zhang"]
    assert not app.code


def test_a_taken_name_is_refused(store):
    app = screen(store, "users")
    app.text_input(key="users_new_username").set_value("BOSS")
    app.button(key="users_new_submit").click().run()
    assert "There is an account of that name already" in words(app)


def test_a_manager_needs_a_region(store):
    app = screen(store, "users")
    app.text_input(key="users_new_username").set_value("wu")
    app.selectbox(key="users_new_role").set_value(UserRole.MANAGER)
    app.button(key="users_new_submit").click().run()
    assert "A manager needs a region" in words(app)


def test_an_account_is_disabled_and_enabled(store):
    user_id = add_user(store, "li")
    app = screen(store, "users")
    app.selectbox(key="users_account").set_value(user_id).run()
    app.button(key="users_activity").click().run()
    assert user(store, "li").is_active is False
    app.button(key="users_activity").click().run()
    assert user(store, "li").is_active is True


def test_a_role_is_changed(store):
    user_id = add_user(store, "li")
    app = screen(store, "users")
    app.selectbox(key="users_account").set_value(user_id).run()
    app.selectbox(key=f"users_role_{user_id}_1_role").set_value(UserRole.BRANCH_HEAD)
    app.text_input(key=f"users_role_{user_id}_1_branch").set_value("B7")
    app.button(key="users_role_submit").click().run()
    changed = user(store, "li")
    assert (changed.role, changed.branch_code) == ("branch_head", "B7")


def test_what_a_colleague_changed_meanwhile_is_refused_and_shown_anew(store):
    """The page reads the account again at the click: it is the account as drawn that counts."""
    user_id = add_user(store, "li")
    app = screen(store, "users")
    app.selectbox(key="users_account").set_value(user_id).run()
    with writing() as session:
        users.set_active(session, actor=COMMAND_LINE, user_id=user_id, version=1, is_active=False)
    app.button(key="users_activity").click().run()  # it said "Disable": it must not enable
    assert user(store, "li").is_active is False
    assert "Somebody else changed this" in words(app)
    app.button(key=f"users_change_{user_id}_keep_stored").click().run()
    app.button(key="users_activity").click().run()  # now it says "Enable"
    assert user(store, "li").is_active is True


@pytest.mark.parametrize("press", ["users_role_submit", "users_reset"])
def test_a_role_or_password_is_not_changed_over_a_colleagues_change(store, press):
    user_id = add_user(store, "li")
    app = screen(store, "users")
    app.selectbox(key="users_account").set_value(user_id).run()
    app.selectbox(key=f"users_role_{user_id}_1_role").set_value(UserRole.ADMIN)
    with writing() as session:
        users.change_role(
            session, actor=COMMAND_LINE, user_id=user_id, version=1, role=UserRole.MANAGER, region_path="东区分公司"
        )
    app.button(key=press).click().run()
    changed = user(store, "li")
    assert (changed.role, changed.version, changed.must_change_password) == ("manager", 2, False)
    assert "Somebody else changed this" in words(app)
    assert any("by the command line" in one.value for one in app.caption)
    app.button(key=f"users_change_{user_id}_keep_stored").click().run()
    assert app.selectbox(key=f"users_role_{user_id}_2_1_role").value == UserRole.MANAGER


def test_a_role_may_be_put_in_the_place_of_what_a_colleague_chose(store):
    user_id = add_user(store, "li")
    app = screen(store, "users")
    app.selectbox(key="users_account").set_value(user_id).run()
    app.selectbox(key=f"users_role_{user_id}_1_role").set_value(UserRole.ADMIN)
    with writing() as session:
        users.change_role(
            session, actor=COMMAND_LINE, user_id=user_id, version=1, role=UserRole.MANAGER, region_path="东区分公司"
        )
    app.button(key="users_role_submit").click().run()
    assert both_values(app)["Access role"] == ("Manager", "Administrator")
    app.button(key=f"users_change_{user_id}_store_mine").click().run()
    assert user(store, "li").role == "admin"


def test_a_reset_shows_the_new_password_once(store):
    user_id = add_user(store, "li")
    app = screen(store, "users")
    app.selectbox(key="users_account").set_value(user_id).run()
    app.button(key="users_reset").click().run()
    assert app.code[0].value.startswith("li\n")
    assert user(store, "li").must_change_password is True
    app.run()
    assert not app.code


def test_ones_own_account_is_not_among_those_to_change(store):
    app = screen(store, "users")
    assert app.selectbox(key="users_account").options == []


@pytest.mark.parametrize(("branches", "seen"), [(1, "Branches I see: 青禾银行B0支行 · B0"), (2, "Branches I see: 2")])
def test_the_own_account_tells_which_branches_one_sees(store, branches, seen):
    with writing(store) as session:
        for number in range(branches):
            add_branch(session, f"B{number}", supervisor="li")
        add_branch(session, "other", supervisor="wu")
    app = screen(store, "account", role=UserRole.SUPERVISOR, username="li")
    assert seen in app.main.text[0].value.splitlines()


def test_a_password_is_changed_by_its_owner(store):
    app = screen(store, "account", role=UserRole.SUPERVISOR, username="li")
    before = user(store, "li").password_hash
    app.text_input(key="account_present").set_value(PASSWORD)
    app.text_input(key="account_new").set_value("另一个足够长的密码")
    app.text_input(key="account_again").set_value("另一个足够长的密码")
    app.button(key="account_change").click().run()
    assert "The password is changed" in words(app)
    assert user(store, "li").password_hash != before
    app.run()
    assert app.title[0].value == "My account"  # the session in which it was done goes on


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("wrong password", "another good one", "another good one", "The present password is wrong"),
        (PASSWORD, "short", "short", "The password needs at least 8 characters"),
        (PASSWORD, "another good one", "another good 0ne", "The two new passwords differ"),
        (PASSWORD, PASSWORD, PASSWORD, "The new password is the present one"),
    ],
)
def test_a_bad_change_of_password_is_refused(store, present, new, again, said):
    app = screen(store, "account", role=UserRole.SUPERVISOR, username="li")
    before = user(store, "li").password_hash
    app.text_input(key="account_present").set_value(present)
    app.text_input(key="account_new").set_value(new)
    app.text_input(key="account_again").set_value(again)
    app.button(key="account_change").click().run()
    assert said in words(app)
    assert user(store, "li").password_hash == before


def test_whoever_has_a_one_time_password_sees_only_his_account_until_he_changed_it(store):
    user_id = add_user(store, "li", is_one_time=True)
    app = screen_of(user_id, "account")
    assert "Choose one of your own" in words(app)
    assert app.text_input(key="account_present")


def test_the_language_is_switched_and_kept_for_the_account(store):
    app = screen(store, "account", role=UserRole.SUPERVISOR, username="li")
    app.button_group(key="frame_language").set_value("zh").run()
    assert app.title[0].value == "我的账号"
    assert user(store, "li").language == "zh"
    assert 'data-reload="yes"' in app.get("html")[-1].proto.body
    app.run()
    assert "data-reload" not in app.get("html")[-1].proto.body


def test_signing_out_ends_the_session_and_forgets_everything(store):
    app = screen(store, "account", role=UserRole.SUPERVISOR, username="li")
    app.session_state["left_over"] = "filter of the first user"
    app.button(key="frame_sign_out").click().run()
    assert app.title[0].value == "Branch Coach"
    assert "left_over" not in app.session_state
    assert [each.label for each in app.text_input] == ["User name", "Password"]


def test_an_empty_store_says_how_to_make_the_first_account(store):
    from streamlit.testing.v1 import AppTest

    from tests.screens import ENTRY

    app = AppTest.from_file(str(ENTRY), default_timeout=30).run()
    assert app.code[0].value == "python manage.py user add NAME --role admin"
