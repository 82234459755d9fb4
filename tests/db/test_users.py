import threading

import pytest

from core.accounts import AccountError, AccountFault, username_of
from core.facts import COMMAND_LINE, Actor, UserRole
from core.passwords import hash_of
from db import users
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.engine import SAMPLE, reading, writing
from db.models import AuditRow, StoreFactRow, UserRow
from tests.builders import add_branch
from tests.running import add_user

HASH = hash_of("a long enough password", cost=4)


def row(store, username):
    with reading(store) as session:
        return session.query(UserRow).filter_by(username=username).one()


def actor_of(store, username):
    found = row(store, username)
    return Actor(found.id, found.username, found.display_name, UserRole(found.role))


def make(store, username, role=UserRole.SUPERVISOR, actor=COMMAND_LINE, **more):
    with writing(store) as session:
        return users.create_user(
            session,
            actor=actor,
            username=username,
            display_name=username,
            role=role,
            password_hash=HASH,
            is_one_time=True,
            **more,
        )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Li", "li"), ("  王芳 ", "王芳"), ("ＡＢ１", "ab1"), ("a.b_c@d-e", "a.b_c@d-e"), ("x" * 64, "x" * 64)],
)
def test_a_user_name_has_one_form(typed, stored):
    assert username_of(typed) == stored


@pytest.mark.parametrize("typed", ["", " ", "x" * 65, "a b", "a/b", "<b>", "a\u200bb", "a\nb", "=1+1", "李;--"])
def test_a_user_name_with_other_signs_is_refused(typed):
    with pytest.raises(AccountError) as caught:
        username_of(typed)
    assert caught.value.fault is AccountFault.NAME_SIGNS


def test_an_account_is_made_once_for_a_key(store):
    first = make(store, "li", key="form-1")
    second = make(store, "li", key="form-1")
    assert (first.is_new, second.is_new, first.user_id) == (True, False, second.user_id)


def test_a_name_is_taken_in_whatever_case(store):
    make(store, "li")
    with pytest.raises(AccountError) as caught:
        make(store, "LI")
    assert caught.value.fault is AccountFault.NAME_TAKEN


@pytest.mark.parametrize("role", [UserRole.MANAGER, UserRole.SUPERVISOR, UserRole.BRANCH_HEAD])
def test_only_administrators_touch_accounts(store, role):
    stranger = Actor(99, "x", "x", role, region_path="东区分公司", branch_id=1)
    user_id = make(store, "li").user_id
    with writing(store) as session:
        for change in (
            lambda: users.accounts(session, actor=stranger),
            lambda: users.user_id_of(session, actor=stranger, username="li"),
            lambda: users.bound_is_known(session, actor=stranger, region_path=None, branch_code="B1"),
            lambda: users.set_active(session, actor=stranger, user_id=user_id, version=1, is_active=False),
            lambda: users.change_role(session, actor=stranger, user_id=user_id, version=1, role=UserRole.ADMIN),
            lambda: users.reset_password(session, actor=stranger, user_id=user_id, version=1, password_hash=HASH),
            lambda: users.unlock(session, actor=stranger, user_id=user_id, name_digest="x"),
        ):
            with pytest.raises(NotAllowedError):
                change()
    with pytest.raises(NotAllowedError):
        make(store, "wu", actor=stranger)
    assert row(store, "li").version == 1


@pytest.mark.parametrize(
    ("role", "fault"),
    [(UserRole.MANAGER, AccountFault.REGION_MISSING), (UserRole.BRANCH_HEAD, AccountFault.BRANCH_MISSING)],
)
def test_a_bounded_role_needs_its_bound(store, role, fault):
    with pytest.raises(AccountError) as caught:
        make(store, "wu", role)
    assert caught.value.fault is fault


def test_bounds_of_another_role_are_not_stored(store):
    make(store, "wu", UserRole.ADMIN, region_path="东区分公司", branch_code="B1")
    made = row(store, "wu")
    assert (made.region_path, made.branch_code) == (None, None)


def test_a_region_is_stored_without_stray_blanks_and_strokes(store):
    make(store, "wu", UserRole.MANAGER, region_path=" 东区分公司 / 云州中支/ ")
    assert row(store, "wu").region_path == "东区分公司/云州中支"


def test_a_bound_is_known_when_the_branch_or_unit_is_there(store):
    with writing(store) as session:
        add_branch(session, "B1", region="东区分公司/云州中支")
        known = lambda **bound: users.bound_is_known(  # noqa: E731
            session, actor=COMMAND_LINE, **{"region_path": None, "branch_code": None, **bound}
        )
        assert known(branch_code="B1")
        assert known(region_path="东区分公司")
        assert known()
        assert not known(branch_code="B2")
        assert not known(region_path="东区")


def test_every_change_ends_the_sessions_and_leaves_an_audit_row_without_the_hash(store):
    user_id = make(store, "li").user_id
    with writing(store) as session:
        users.change_role(session, actor=COMMAND_LINE, user_id=user_id, version=1, role=UserRole.ADMIN)
        users.reset_password(session, actor=COMMAND_LINE, user_id=user_id, version=2, password_hash="new")
    changed = row(store, "li")
    assert (changed.cred_version, changed.version, changed.role) == (3, 3, "admin")
    with reading(store) as session:
        rows = session.query(AuditRow).filter_by(subject="user_account").order_by(AuditRow.id).all()
        assert [each.action for each in rows] == ["create", "change_role", "reset_password"]
        assert (rows[1].before["role"], rows[1].after["role"]) == ("supervisor", "admin")
        assert all("password_hash" not in str((each.before, each.after)) for each in rows)


def test_an_account_changed_by_somebody_else_is_refused(store):
    user_id = make(store, "li").user_id
    with writing(store) as session:
        users.set_active(session, actor=COMMAND_LINE, user_id=user_id, version=1, is_active=False)
    with pytest.raises(ChangedByOtherError) as caught, writing(store) as session:
        users.change_role(session, actor=COMMAND_LINE, user_id=user_id, version=1, role=UserRole.ADMIN)
    assert caught.value.current["is_active"] is False


def test_nobody_changes_his_own_role_or_disables_himself(store):
    make(store, "boss", UserRole.ADMIN)
    make(store, "chief", UserRole.ADMIN)
    boss = actor_of(store, "boss")
    with writing(store) as session:
        with pytest.raises(AccountError, match="your own role"):
            users.change_role(session, actor=boss, user_id=boss.user_id, version=1, role=UserRole.SUPERVISOR)
        with pytest.raises(AccountError, match="your own role"):
            users.set_active(session, actor=boss, user_id=boss.user_id, version=1, is_active=False)


def test_the_last_active_administrator_stays_one(store):
    boss = make(store, "boss", UserRole.ADMIN).user_id
    chief = make(store, "chief", UserRole.ADMIN).user_id
    with writing(store) as session:
        users.set_active(session, actor=COMMAND_LINE, user_id=chief, version=1, is_active=False)
        with pytest.raises(AccountError) as caught:
            users.set_active(session, actor=COMMAND_LINE, user_id=boss, version=1, is_active=False)
        assert caught.value.fault is AccountFault.LAST_ADMIN
        with pytest.raises(AccountError):
            users.change_role(session, actor=COMMAND_LINE, user_id=boss, version=1, role=UserRole.SUPERVISOR)
        users.set_active(session, actor=COMMAND_LINE, user_id=chief, version=2, is_active=True)
        users.set_active(session, actor=COMMAND_LINE, user_id=boss, version=1, is_active=False)


def test_two_at_once_cannot_disable_the_last_two_administrators(store):
    ids = [make(store, name, UserRole.ADMIN).user_id for name in ("boss", "chief")]
    refused = []

    def disable(user_id):
        try:
            with writing(store) as session:
                users.set_active(session, actor=COMMAND_LINE, user_id=user_id, version=1, is_active=False)
        except AccountError as error:
            refused.append(error.fault)

    threads = [threading.Thread(target=disable, args=[user_id]) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store) as session:
        assert session.query(UserRow).filter_by(role="admin", is_active=True).count() == 1
    assert refused == [AccountFault.LAST_ADMIN]


def test_a_demo_account_beside_real_data_is_refused(store):
    with pytest.raises(AccountError) as caught:
        make(store, "demo", is_demo=True)
    assert caught.value.fault is AccountFault.DEMO_BESIDE_DATA


def test_demo_accounts_of_the_sample_cannot_be_changed_and_are_named_by_role(store):
    with writing(store) as session:
        session.add(StoreFactRow(key=SAMPLE, value=1))
    user_id = make(store, "demo_li", is_demo=True).user_id
    with writing(store) as session:
        for change in (users.change_role, users.set_active, users.reset_password):
            more = {
                users.change_role: {"role": UserRole.ADMIN},
                users.set_active: {"is_active": False},
                users.reset_password: {"password_hash": "x"},
            }[change]
            with pytest.raises(AccountError) as caught:
                change(session, actor=COMMAND_LINE, user_id=user_id, version=1, **more)
            assert caught.value.fault is AccountFault.DEMO_FIXED
        assert users.demo_accounts(session) == [("demo_li", UserRole.SUPERVISOR)]


def test_ones_own_password_is_held_against_the_one_it_was_checked_with(store):
    add_user(store, "li", is_one_time=True)
    li = actor_of(store, "li")
    with pytest.raises(AccountError), writing(store) as session:
        users.change_own_password(session, actor=li, cred_version=7, password_hash="x", digest="d")
    with writing(store) as session:
        users.change_own_password(session, actor=li, cred_version=1, password_hash="x", digest="d")
    assert (row(store, "li").password_hash, row(store, "li").must_change_password) == ("x", False)


def test_an_unknown_account_is_not_found(store):
    with reading(store) as session, pytest.raises(LookupError, match="nobody"):
        users.user_id_of(session, actor=COMMAND_LINE, username="nobody")
