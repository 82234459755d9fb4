"""Everything that Streamlit runs without the script around it asks first who is signed in."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "pages").rglob("*.py"))
CALLBACKS = {"on_click", "on_change", "on_select", "on_submit", "on_dismiss"}
MODES = {"rerun", "ignore"}
RUN_ALONE = {"fragment", "dialog"}
LIBRARY_KEYS = {"name", "authentication_status", "username", "email", "roles", "logout", "password_hint"}
KEPT_NOWHERE = ("engine_of", "secret_key", "Lock(", "find_live_session")


def name_of(node):
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Call():
            return name_of(node.func)
    return ""


def guarded_names(tree):
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "guarded" in map(name_of, node.decorator_list)
    }


def is_guarded(value, guarded):
    match value:
        case ast.Constant():
            return value.value is None or value.value in MODES
        case ast.IfExp():
            return is_guarded(value.body, guarded) and is_guarded(value.orelse, guarded)
    name = name_of(value)
    return name == "guarded" or name in guarded


def unguarded(tree):
    guarded = guarded_names(tree)
    passed_on = {
        argument.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for argument in [*node.args.args, *node.args.kwonlyargs]
        if argument.arg in CALLBACKS
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                hands_on = isinstance(keyword.value, ast.Name) and keyword.value.id in passed_on
                if keyword.arg in CALLBACKS and not hands_on and not is_guarded(keyword.value, guarded):
                    found.append((keyword.arg, node.lineno))
                is_download = name_of(node) == "download_button" and keyword.arg == "data"
                if (
                    is_download
                    and not isinstance(keyword.value, ast.Constant)
                    and not is_guarded(keyword.value, guarded)
                ):
                    found.append(("data", node.lineno))
        if isinstance(node, ast.FunctionDef):
            names = [name_of(each) for each in node.decorator_list]
            if RUN_ALONE & set(names) and names[-1] != "guarded":
                found.append((node.name, node.lineno))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_runs_alone_without_asking_first(path):
    assert unguarded(ast.parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "st.button('x', on_click=save)",
        "st.selectbox('x', [], on_change=lambda: 1)",
        "st.download_button('x', data=make)",
        "st.download_button('x', data=lambda: b'')",
        "@st.fragment\ndef part(): pass",
        "@st.dialog('x')\ndef ask(): pass",
        "@guarded\n@st.fragment\ndef part(): pass",
    ],
)
def test_the_walk_finds_what_it_looks_for(source):
    assert unguarded(ast.parse(source))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_widget_takes_a_key_of_the_login_library(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "key" and isinstance(node.value, ast.Constant):
            assert node.value.value not in LIBRARY_KEYS


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_secret_lock_session_or_engine_is_in_a_cache(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and {"cached", "cache_resource", "cache_data"} & set(
            map(name_of, node.decorator_list)
        ):
            words = ast.unparse(node)
            assert not any(each in words for each in ("engine_of", "secret_key", "Lock(", "find_live_session")), (
                node.name
            )
