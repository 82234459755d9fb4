"""What a signed-in user can draw out of the real screens about branches of others: nothing."""

import os
import shutil
import time
from itertools import product
from urllib.parse import quote

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from core.facts import UserRole
from db.engine import engine_of, sqlite_url, writing
from db.models import BranchRow
from pages.parts.navigation import SCREENS
from tests.attacks.conftest import NETWORK
from tests.db.scope_world import INSIDE, NOBODYS, OUTSIDE, REGION, TEAM, make_world, mark
from tests.running import ROOT, add_user, running_server

pytestmark = pytest.mark.xdist_group("attacks")

HOSTILE = "![x](http://evil.example/x.png) [click](http://evil.example) <img src=x onerror=alert(1)> :red[red]"
FOREIGN = {"mao": [OUTSIDE], "li": [REGION, OUTSIDE], "head": [TEAM, REGION, OUTSIDE]}
PLAIN_TEXT = {"selectbox", "multiselect", "arrow_data_frame", "arrow_vega_lite_chart", "vega_lite_chart"}
"""Elements whose words a browser shows as they are."""
FILTERS = [
    f"{screen}_{thing}"
    for screen, thing in product(("branches", "cadence"), ("region", "bank", "city", "supervisor", "stage"))
]


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """Where the server writes down whom it called outside this machine."""
    return tmp_path_factory.mktemp("network") / "calls"


@pytest.fixture(scope="module")
def field(tmp_path_factory, migrated_file, module_secret, calls):
    """The app over branches of several people, in another time zone and the plainest locale, cut off from outside."""
    folder = tmp_path_factory.mktemp("field")
    path = folder / "store.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    url = sqlite_url(path)
    with writing(url) as session:
        make_world(session)
        session.get_one(BranchRow, INSIDE).branch_name = HOSTILE
    add_user(url, "chief", UserRole.ADMIN)
    add_user(url, "mao", UserRole.MANAGER, region_path="东区分公司")
    add_user(url, "li", UserRole.SUPERVISOR)
    add_user(url, "head", UserRole.BRANCH_HEAD, branch_code=mark(INSIDE))
    settings = {
        "PYTHONPATH": os.pathsep.join([str(NETWORK), str(ROOT)]),
        "NETWORK_CALLS": str(calls),
        "TZ": "America/Los_Angeles",
        "LC_ALL": "C",
    }
    with running_server(folder, database_url=url, **settings) as running:
        yield running
    engine_of(url).dispose()


@pytest.fixture(scope="module")
def tabs(field):
    """One tab for each user; the administrator has drawn everything first, so that every answer is kept."""
    opened = {}
    for name in ("chief", *FOREIGN):
        opened[name] = field.tab()
        opened[name].run()
        opened[name].sign_in(name)
        assert opened[name].cookie
    for screen in SCREENS:
        opened["chief"].run(screen.name, query=f"branch={mark(OUTSIDE)}")
    return opened


def sent(tab) -> bytes:
    """Everything the last run sent to the browser, tables and charts included."""
    return b"\n".join(message.SerializeToString() for message in tab.messages)


def told_about(tab, query) -> list[str]:
    asked_for = {mark(branch_id) for branch_id in (INSIDE, TEAM, REGION, OUTSIDE) if mark(branch_id) in query}
    return [mark(key) for key in FOREIGN[tab.owner] if mark(key) not in asked_for and mark(key).encode() in sent(tab)]


def test_an_administrator_is_shown_what_the_others_must_not_see(tabs):
    for screen in ("overview", "branches", "cadence", "coaching"):
        tabs["chief"].run(screen)
        assert mark(OUTSIDE).encode() in sent(tabs["chief"]), screen


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("screen", [screen.name for screen in SCREENS])
def test_no_screen_sends_anything_of_another_ones_branch(tabs, name, screen):
    tab = tabs[name]
    text = tab.run(screen)
    assert "Error number" not in text
    assert told_about(tab, "") == []


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("screen", ["overview", "figures", "branches", "branch", "cadence", "coaching", "log_contact"])
def test_nothing_in_the_address_opens_another_ones_branch(tabs, name, screen):
    tab, foreign = tabs[name], mark(OUTSIDE)
    values = {"branch": foreign, **dict.fromkeys(FILTERS, f"城{foreign}"), "cadence_view": foreign}
    values |= {"figures_scope": f"team:{foreign}", "figures_view": "weak"}
    text = tab.run(screen, query="&".join(f"{key}={quote(value)}" for key, value in values.items()))
    assert "Error number" not in text
    for word in (f"S{foreign}", f"员工H{foreign}", "溪陵中支", f"银行{OUTSIDE}"):
        assert word.encode() not in sent(tab), (screen, word)
    assert [key for key in FOREIGN[name] if key != OUTSIDE and mark(key).encode() in sent(tab)] == []


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("screen", ["branch", "log_contact"])
def test_a_foreign_branch_reads_as_one_that_does_not_exist(tabs, name, screen):
    tab = tabs[name]

    def answer(branch_id):
        tab.run(screen, query=f"branch={mark(branch_id)}")
        words = [element.markdown.body for element in tab.elements if element.WhichOneof("type") == "markdown"]
        alerts = [element.alert.body for element in tab.elements if element.WhichOneof("type") == "alert"]
        return [word.replace(mark(branch_id), "CODE") for word in words + alerts]

    expected = answer(NOBODYS)
    assert expected
    for branch_id in FOREIGN[name]:
        assert answer(branch_id) == expected


@pytest.mark.parametrize("name", ["mao", "li"])
def test_no_value_of_a_widget_reaches_another_ones_branch(tabs, name):
    tab, foreign = tabs[name], mark(OUTSIDE)
    tab.run("log_contact")
    choice = tab.widget("selectbox", "log_contact_choice")
    words = tab.run("log_contact", set_values=[WidgetState(id=choice.id, string_value=foreign)])
    tab.values.clear()
    assert "Error number" not in words
    assert "溪陵中支".encode() not in sent(tab)
    assert f"员工H{foreign}".encode() not in sent(tab)
    tab.run("branches")
    supervisors = tab.widget("multiselect", "branches_supervisor") if name == "mao" else None
    if supervisors is not None:
        state = WidgetState(id=supervisors.id)
        state.string_array_value.data.append(foreign)
        tab.run("branches", set_values=[state])
        tab.values.clear()
        assert told_about(tab, "") == []


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_of_another_users_table_is_not_made(tabs, name):
    tabs["chief"].run("branches")
    file_id = tabs["chief"].widget("download_button", "branches_table_csv").deferred_file_id
    answer = tabs[name].ask_download(file_id)
    assert not answer.deferred_file.url
    assert mark(OUTSIDE).encode() not in answer.SerializeToString()


@pytest.mark.parametrize("screen", [screen.name for screen in SCREENS])
def test_names_people_typed_are_shown_as_text(tabs, screen):
    tab = tabs["chief"]
    tab.run(screen, query=f"branch={mark(INSIDE)}")
    read_as_markdown = [
        (element.WhichOneof("type"), words)
        for element in tab.elements
        if element.WhichOneof("type") not in PLAIN_TEXT
        for words in texts_in(element)
        if "](http://evil" in words or "<img" in words.replace("\\<", "")
    ]
    assert read_as_markdown == []
    if screen == "branch":
        assert any("evil" in words for element in tab.elements for words in texts_in(element))


def texts_in(message):
    """Every text in a message, those of its parts included."""
    for described, value in message.ListFields():
        values = list(value) if described.is_repeated else [value]
        for one in values:
            if isinstance(one, str):
                yield one
            elif described.message_type is not None and hasattr(one, "ListFields"):
                yield from texts_in(one)


def test_the_log_holds_neither_session_ids_nor_what_was_asked_for(tabs, field):
    tab = tabs["li"]
    health = field.ask("/_stcore/health", cookie=tab.cookie)
    token = next(part for part in health.headers.get("set-cookie", "").split(";") if "xsrf" in part).strip()
    field.ask(
        f"/_stcore/upload_file/{tab.session_id}/some-file",
        method="PUT",
        cookie=f"branch_coach={tab.cookie}; {token}",
        body=b"x" * 1000,
        X_Xsrftoken=token.partition("=")[2],
    )
    tab.run("branch", query=f"branch={mark(OUTSIDE)}")
    log = field.log.read_text("utf-8")
    for secret in (tab.session_id, tab.cookie, mark(OUTSIDE), "evil.example"):
        assert secret not in log
    assert "Traceback" not in log


def test_the_server_called_nobody_outside_this_machine(tabs, field, calls):
    field.ask("/_stcore/health", Origin="http://evil.example")
    time.sleep(0.2)
    assert field.ask("/").status == 200
    assert calls.with_suffix(".watched").exists()
    assert not calls.exists(), calls.read_text("utf-8")
