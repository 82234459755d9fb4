"""What a session that has ended, or was never anybody's, can still do: nothing."""

import pytest
from sqlalchemy import select, update
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.facts import COMMAND_LINE, UserRole
from core.passwords import hash_of
from db import users
from db.engine import reading, writing
from db.models import SignInSessionRow, UserRow
from db.sign_in import IDLE
from pages.parts.store.accounts import session_digest
from tests.running import add_user

pytestmark = pytest.mark.xdist_group("attacks")  # one server for all


def is_signed_in(text: str) -> bool:
    return "secret page of" in text


@pytest.fixture
def someone(attacked_store, request):
    """A fresh account, as its id."""
    name = f"u{abs(hash(request.node.name)) % 10**9}"
    return name, add_user(attacked_store, name, UserRole.SUPERVISOR)


@pytest.fixture
def signed_in(probed, someone):
    """A tab in which somebody fresh signed in."""
    tab = probed.tab()
    tab.run()
    assert is_signed_in(tab.sign_in(someone[0]))
    assert tab.cookie
    return tab


def disable(store, user_id):
    with writing(store) as session:
        users.set_active(session, actor=COMMAND_LINE, user_id=user_id, version=1, is_active=False)


def change_role(store, user_id):
    with writing(store) as session:
        users.change_role(session, actor=COMMAND_LINE, user_id=user_id, version=1, role=UserRole.ADMIN)


def change_password(store, user_id):
    with writing(store) as session:
        users.reset_password(
            session, actor=COMMAND_LINE, user_id=user_id, version=1, password_hash=hash_of("another one", cost=4)
        )


def let_it_idle(store, user_id):
    with writing(store, raises_version=False) as session:
        seen = SignInSessionRow.last_seen_at
        rows = session.scalars(select(SignInSessionRow).where(SignInSessionRow.user_id == user_id)).all()
        assert rows, seen
        for row in rows:
            row.last_seen_at -= IDLE


def let_it_grow_old(store, user_id):
    with writing(store, raises_version=False) as session:
        for row in session.scalars(select(SignInSessionRow).where(SignInSessionRow.user_id == user_id)):
            row.expires_at = row.created_at


def delete_credentials(store, user_id):
    with writing(store) as session:
        session.execute(update(UserRow).where(UserRow.id == user_id).values(cred_version=99))


ENDINGS = [disable, change_role, change_password, let_it_idle, let_it_grow_old, delete_credentials]


@pytest.fixture(params=ENDINGS, ids=lambda ending: ending.__name__)
def ended(request, signed_in, someone, attacked_store):
    """A tab whose session was ended from outside."""
    signed_in.end = lambda: request.param(attacked_store, someone[1])
    return signed_in


def test_an_ended_session_sees_no_page(ended):
    ended.end()
    assert not is_signed_in(ended.run())


def test_the_cookie_of_an_ended_session_opens_nothing(ended, probed):
    ended.end()
    assert not is_signed_in(probed.tab(cookie=ended.cookie).run())
    assert probed.ask("/media/x.csv", cookie=ended.cookie).status == 403


def test_an_ended_session_runs_no_callback(ended, traces):
    before = traces("callback")
    ended.end()
    assert not is_signed_in(ended.click("Save"))
    assert not is_signed_in(ended.run())
    assert traces("callback") == before


def test_an_ended_session_runs_no_fragment_and_no_callback_in_it(ended, traces):
    fragment = next(
        message.delta.fragment_id
        for message in ended.messages
        if message.WhichOneof("type") == "delta" and message.delta.fragment_id
    )
    button = ended.widget("button", "Again")
    before = traces("fragment"), traces("callback")
    ended.end()
    ended.values[button.id] = type(ended).press(button.id)
    assert "secret" not in ended.run(fragment=fragment)
    assert not is_signed_in(ended.run())
    assert (traces("fragment"), traces("callback")) == before


def test_an_ended_session_makes_no_download(ended, traces):
    file_id = ended.widget("download_button", "Export").deferred_file_id
    before = traces("download")
    ended.end()
    answer = ended.ask_download(file_id)
    assert answer.error_msg
    assert not answer.deferred_file.url
    assert traces("download") == before


def test_a_download_works_while_signed_in_and_its_link_needs_the_cookie(signed_in, probed, traces):
    file_id = signed_in.widget("download_button", "Export").deferred_file_id
    answer = signed_in.ask_download(file_id)
    assert traces("download") >= 1
    link = answer.deferred_file.url
    assert probed.ask(link).status == 403
    assert probed.ask(link, cookie="made-up").status == 403
    given = probed.ask(link, cookie=signed_in.cookie)
    assert (given.status, given.body) == (200, b"rows of the export")
    assert given.headers["cache-control"] == "no-store"


def test_signing_out_ends_the_other_tab_and_the_cookie(signed_in, probed, traces):
    other = probed.tab(cookie=signed_in.cookie)
    assert is_signed_in(other.run())
    before = traces("callback")
    signed_in.click("Sign out")
    assert "User name" in signed_in.text
    assert "secret" not in signed_in.text
    assert not is_signed_in(other.click("Save"))
    assert traces("callback") == before
    assert not is_signed_in(probed.tab(cookie=signed_in.cookie).run())


def test_the_next_user_of_a_tab_finds_nothing_of_the_first(signed_in):
    field = signed_in.widget("text_input", "Filter")
    signed_in.run(set_values=[signed_in.typed(field.id, "filter of the first")])
    signed_in.click("Sign out")
    signed_in.values.clear()
    text = signed_in.sign_in("boss")
    assert "secret page of boss" in text
    assert "filter of the first" not in text


def test_a_new_sign_in_has_a_new_session_id(signed_in):
    first = signed_in.cookie
    signed_in.click("Sign out")
    signed_in.values.clear()
    signed_in.sign_in("boss")
    assert signed_in.cookie
    assert signed_in.cookie != first


@pytest.mark.parametrize(
    "cookie",
    [
        "a" * 64,
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ1c2VybmFtZSI6ImJvc3MiLCJleHBfZGF0ZSI6OTk5OTk5OTk5OX0.",
        "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6ImJvc3MifQ.c29tZV9rZXk",
        "boss",
        "%00",
        "' OR 1=1 --",
        "x" * 3000,
    ],
)
def test_a_forged_cookie_opens_nothing_and_the_form_is_shown(probed, cookie):
    text = probed.tab(cookie=cookie).run()
    assert "User name" in text
    assert not is_signed_in(text)


def test_the_store_holds_no_cookie_and_its_digests_are_no_cookies(probed, signed_in, someone, attacked_store):
    with reading(attacked_store) as session:
        digests = list(session.scalars(select(SignInSessionRow.sid_hash)))
    assert signed_in.cookie not in digests
    assert session_digest(signed_in.cookie) in digests
    for digest in digests:
        assert not is_signed_in(probed.tab(cookie=digest).run())


@pytest.mark.parametrize("cookie", [None, "made-up", "of another user"])
def test_a_session_id_from_a_log_is_worth_nothing(signed_in, probed, traces, cookie):
    if cookie == "of another user":
        insider = probed.tab()
        insider.run()
        insider.sign_in("mao")
        cookie = insider.cookie
    button = signed_in.widget("button", "Save")
    before = traces("callback")
    taker = probed.tab(session=signed_in.session_id, cookie=cookie)
    text = taker.run(set_values=[type(taker).press(button.id)])
    assert traces("callback") == before
    assert f"secret page of {signed_in.owner}" not in text


def test_the_owner_takes_his_session_up_again_with_the_cookie(signed_in, probed):
    signed_in.run(set_values=[signed_in.typed(signed_in.widget("text_input", "Filter").id, "kept over the break")])
    signed_in.close()
    back = probed.tab(session=signed_in.session_id, cookie=signed_in.cookie)
    assert is_signed_in(back.run())
    assert back.session_id == signed_in.session_id


def test_a_ticket_is_traded_once_and_not_by_another_page(probed, signed_in):
    tab = probed.tab()
    tab.run()
    tab.click("Sign in", User_name="li", Password="a long enough password")
    body = b'{"ticket": "%s"}' % tab.ticket.encode()
    assert probed.ask("/session/cookie", method="POST", body=body, Origin="http://evil.example").status == 403
    first = probed.ask("/session/cookie", method="POST", body=body)
    assert first.status == 204
    cookie = first.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
    assert probed.ask("/session/cookie", method="POST", body=body).status == 403


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"ticket": 1}', b'{"ticket": "x"}', b"\xff", b"x" * 10_000])
def test_junk_for_a_ticket_is_refused(probed, body):
    answer = probed.ask("/session/cookie", method="POST", body=body)
    assert answer.status in {400, 403, 413}
    assert "set-cookie" not in answer.headers


def test_errors_show_a_number_and_no_word_of_the_error(signed_in, probed):
    for button in ("Break", "Fail"):
        text = signed_in.click(button)
        assert "Error number" in text
        assert "王小明" not in text
        assert "Traceback" not in text
        assert "RuntimeError" not in text
    log = probed.log.read_text("utf-8")
    assert "王小明" not in log
    assert "RuntimeError" in log
    assert f"user {signed_in.owner}" in log


def test_a_lost_connection_in_an_upload_leaves_others_alone(probed, signed_in):
    signed_in.send(BackMsg(app_heartbeat=True))
    assert is_signed_in(signed_in.run())
