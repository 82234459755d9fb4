"""What a visitor reaches who has not signed in: the sign-in page, and nothing else."""

import shutil

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from db.engine import sqlite_url
from pages.parts.navigation import SCREENS
from tests.attacks.conftest import PROBE
from tests.running import add_user, page_hash, running_server

pytestmark = pytest.mark.xdist_group("attacks")  # one server for all

NAMES = [screen.name for screen in SCREENS]
FILES = ["entry", "sign_in", "guard", "screens/users", "users.py", "parts", "../app"]


def sees_only_the_sign_in_page(text: str) -> bool:
    return "User name" in text and "Sign out" not in text and "secret" not in text


@pytest.mark.parametrize("by", ["name", "hash"])
def test_the_first_request_after_a_start_runs_no_page(tmp_path, attacked_store, module_secret, by):
    with running_server(tmp_path, database_url=attacked_store, app=PROBE, BRANCH_COACH_TRACES=str(tmp_path)) as fresh:
        tab = fresh.tab()
        text = tab.run("overview") if by == "name" else tab.run(page_hash=page_hash("overview"))
        assert sees_only_the_sign_in_page(text)
        assert not (tmp_path / "fragment").exists()


@pytest.mark.parametrize("name", [*NAMES, *FILES])
def test_no_page_opens_by_name(server, name):
    tab = server.tab()
    assert sees_only_the_sign_in_page(tab.run(name))
    assert set(tab.pages) == {"Sign in"}


@pytest.mark.parametrize("name", [*NAMES, *FILES])
def test_no_page_opens_by_hash(server, name):
    tab = server.tab()
    assert sees_only_the_sign_in_page(tab.run(page_hash=page_hash(name)))


def test_pages_of_another_role_do_not_open_by_name_or_hash(server):
    tab = server.tab()
    tab.run()
    tab.sign_in("li")
    assert "Users" not in tab.pages
    text = tab.run("users")
    assert tab.not_found
    assert "New account" not in text
    assert "New account" not in tab.run(page_hash=page_hash("users"))


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/media/0123456789abcdef.csv",
        "/_stcore/upload_file/x/y",
        "/_stcore/upload_file/",
    ],
)
@pytest.mark.parametrize("cookie", [None, "made-up", "eyJhbGciOiJub25lIn0.eyJ1c2VybmFtZSI6ImJvc3MifQ."])
def test_files_and_figures_of_the_server_need_a_live_cookie(server, path, cookie):
    answer = server.ask(path, cookie=cookie)
    assert (answer.status, answer.body) == (403, b"refused")


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/agent",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/oauth2callback",
    ],
)
def test_the_agent_interface_is_not_there(server, path):
    assert server.ask(path).status == 404
    assert server.ask(path, method="POST", body=b"{}").status == 404


def test_figures_of_the_server_are_for_administrators(server):
    tab = server.tab()
    tab.run()
    tab.sign_in("li")
    assert server.ask("/_stcore/metrics", cookie=tab.cookie).status == 403
    admin = server.tab()
    admin.run()
    admin.sign_in("boss")
    assert server.ask("/_stcore/metrics", cookie=admin.cookie).status == 200


def test_nobody_uploads_without_signing_in(server):
    tab = server.tab()
    tab.run()
    health = server.ask("/_stcore/health")
    token = next(part for part in health.headers.get("set-cookie", "").split(";") if "xsrf" in part).strip()
    answer = server.ask(
        f"/_stcore/upload_file/{tab.session_id}/some-file",
        method="PUT",
        cookie=token,
        body=b"x" * 1000,
        X_Xsrftoken=token.partition("=")[2],
    )
    assert answer.status == 403


@pytest.mark.parametrize("order", ["clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime"])
def test_orders_to_the_server_are_not_passed_on(probed, traces, order):
    owner = probed.tab()
    owner.run()
    owner.sign_in("li")
    asked = traces("question")
    assert asked >= 1
    stranger = probed.tab()
    stranger.run()
    stranger.send(BackMsg(**{order: True}))
    stranger.send(BackMsg(app_heartbeat=True))
    assert "kept: 7" in owner.run()
    assert traces("question") == asked  # the answer was still kept
    assert sees_only_the_sign_in_page(stranger.run())
    kinds = {message.WhichOneof("type") for message in stranger.messages}
    assert "git_info_changed" not in kinds


def test_nothing_is_installed_on_request(probed):
    tab = probed.tab()
    tab.run()
    order = BackMsg()
    order.backend_operation_request.request_id = "1"
    order.backend_operation_request.install_skills.SetInParent()
    tab.send(order)
    tab.run()
    assert "backend_operation_response" not in {message.WhichOneof("type") for message in tab.messages}


def test_noise_on_the_line_harms_nobody(server):
    tab = server.tab()
    tab.connection.send(b"\xff" * 64)
    tab.connection.send("words")
    tab.connection.send(b"")
    assert sees_only_the_sign_in_page(tab.run())


def test_the_start_message_names_no_version_of_the_app_and_errors_no_path(server):
    answer = server.ask("/no/such/page")
    assert b"/work" not in answer.body
    assert b"Traceback" not in answer.body


def test_a_demo_account_beside_real_data_is_refused(folder, migrated_file, module_secret, monkeypatch):
    from sqlalchemy import update

    from db.engine import writing
    from db.models import UserRow

    path = folder / "real.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    url = sqlite_url(path)
    add_user(url, "demo_admin")
    with writing(url) as session:
        session.execute(update(UserRow).values(is_demo=True))
    with running_server(folder, database_url=url) as running:
        tab = running.tab()
        tab.run()
        assert sees_only_the_sign_in_page(tab.sign_in("demo_admin"))
        assert tab.cookie is None
