"""The choice between two values: the shared part by itself, and a walk over the writers and the forms behind them."""

import ast
from functools import cache
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.screens import both_values

ROOT = Path(__file__).parent.parent.parent.parent
VERSIONS = {"shown_version", "shown_versions", "shown_state", "version"}
"""What a writer calls the version its form was drawn with."""
OWN_CHOICE = {
    "self_check_changes.save_answer": "stored as it is given; show_choice draws both under the question",
}
NOTHING_TO_CHOOSE = {
    "review_changes.bring_up_to_date": "nothing is entered: the page shows what the store has now",
    "review_changes.take_back_meeting": "nothing is entered: the review is drawn as it stands now",
    "review_changes.change_agenda": "the review is drawn anew with the other's order, one press away from one's own",
    "review_changes.close_meeting": "a review that somebody ended stays as he ended it",
    "dated_rules.put_rule": "what the writers of targets, settings and slots share; their forms offer the choice",
}


def form_of_two():
    """A form over a record in the session state, which somebody else changes between two runs."""
    import streamlit as st

    from pages.parts.conflict import store_edit
    from pages.parts.session import t
    from pages.parts.shown import drawing, last_shown
    from pages.parts.store.errors import ChangedByOtherError

    st.session_state.setdefault("language", "en")
    record = st.session_state.setdefault("record", {"version": 1, "note": "old", "title": "x"})
    shown = last_shown("form", dict(record))

    def change(note, version):
        if version != record["version"]:
            raise ChangedByOtherError(
                "x",
                {"note": record["note"], "title": record["title"]},
                subject="branch_event",
                version=record["version"],
                by="Wu",
            )
        record.update(note=note, version=version + 1)
        return True

    note = st.text_input("Note", shown["note"], key=f"note{drawing('form')}")
    sent = st.button("Save", key="save")
    if store_edit(
        "form",
        note if sent else None,
        change,
        version=shown["version"],
        told=lambda one: {"note": one},
        shown={"title": shown["title"]},
        may_insist=lambda one, theirs: theirs["note"] != "final",
    ):
        st.success(t("Stored"))


@pytest.fixture
def app(monkeypatch):
    monkeypatch.setattr("pages.parts.conflict.action_titles", dict)
    found = AppTest.from_function(form_of_two).run()
    assert not found.exception
    return found


def type_and_save(app, note, *, meanwhile=None):
    if meanwhile:
        record = app.session_state["record"]
        record.update(meanwhile, version=record["version"] + 1)
    next(iter(app.text_input)).set_value(note)
    app.button(key="save").click().run()
    assert not app.exception


def test_an_edit_nobody_met_is_stored_without_a_choice(app):
    type_and_save(app, "mine")
    assert app.session_state["record"]["note"] == "mine"
    assert not app.table
    assert app.success


def test_both_values_stand_side_by_side_and_nothing_is_stored_until_one_is_chosen(app):
    type_and_save(app, "mine", meanwhile={"note": "theirs"})
    assert both_values(app) == {"Note": ("theirs", "mine")}
    assert "Somebody else changed this" in app.error[0].value
    app.run()
    assert both_values(app) == {"Note": ("theirs", "mine")}
    type_and_save(app, "mine again")
    assert both_values(app) == {"Note": ("theirs", "mine again")}
    assert app.session_state["record"]["note"] == "theirs"


def test_what_is_stored_can_be_kept_and_fills_the_form(app):
    type_and_save(app, "mine", meanwhile={"note": "theirs"})
    app.button(key="form_keep_stored").click().run()
    assert not app.exception
    assert not app.table
    assert [one.value for one in app.text_input] == ["theirs"]
    assert app.session_state["record"] == {"version": 2, "note": "theirs", "title": "x"}


def test_ones_own_can_be_stored_over_it(app):
    type_and_save(app, "mine", meanwhile={"note": "theirs"})
    app.button(key="form_store_mine").click().run()
    assert app.session_state["record"] == {"version": 3, "note": "mine", "title": "x"}
    app.run()
    assert not app.table
    assert not app.error
    assert [one.value for one in app.text_input] == ["mine"]


def test_a_third_change_while_one_chooses_asks_again(app):
    type_and_save(app, "mine", meanwhile={"note": "theirs"})
    app.session_state["record"].update(note="third", version=3)
    app.button(key="form_store_mine").click().run()
    assert both_values(app) == {"Note": ("third", "mine")}
    assert app.session_state["record"]["note"] == "third"


def test_a_field_that_was_left_alone_is_named_where_somebody_else_changed_it(app):
    type_and_save(app, "mine", meanwhile={"title": "y"})
    assert both_values(app) == {"Note": ("old", "mine"), "Title": ("y", "(stays as stored)")}


def test_what_cannot_take_its_place_offers_the_stored_values_alone(app):
    type_and_save(app, "mine", meanwhile={"note": "final"})
    assert [one.key for one in app.button if one.key.startswith("form_")] == ["form_keep_stored"]


@cache
def functions_of(path):
    tree = ast.parse(path.read_text("utf-8"))
    return tree, [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)


@cache
def writers():
    """Functions of `db/` that change a record held against a version, by module and name, with that argument."""
    found = {}
    for path in sorted((ROOT / "db").glob("*.py")):
        for node in functions_of(path)[1]:
            arguments = {one.arg for one in node.args.kwonlyargs}
            if "actor" in arguments and arguments & VERSIONS and not node.name.startswith("_"):
                found[f"{path.stem}.{node.name}"] = (node.name, arguments & VERSIONS)
    return found


@cache
def doors():
    """Which functions of the store call which writer."""
    found = {}
    for path in sorted((ROOT / "pages" / "parts" / "store").glob("*.py")):
        for node in functions_of(path)[1]:
            for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
                given = {one.arg for one in call.keywords}
                for writer, (name, versions) in writers().items():
                    if name_of(call) == name and given & versions:
                        found.setdefault(writer, set()).add((path.stem, node.name))
    return found


def imported(tree):
    """What the names of a file stand for in the store: a function of it, or a whole module."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pages.parts.store"):
            module = node.module.removeprefix("pages.parts.store").lstrip(".")
            for one in node.names:
                found[one.asname or one.name] = (module or one.name, one.name if module else None)
    return found


def calls_of_doors(tree):
    names = imported(tree)
    for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
        match call.func:
            case ast.Name(id=name) if names.get(name, ("", None))[1]:
                yield names[name], call
            case ast.Attribute(value=ast.Name(id=alias), attr=name) if names.get(alias, ("", ""))[1] is None:
                yield (names[alias][0], name), call


def through_the_choice(tree):
    """Everything in a file that runs inside the argument of `store_edit`, itself or through functions of the file.

    `store_rule` of `pages/parts/rule_store.py` hands what it is given on to it.
    """
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    wrappers = {"store_edit", "store_rule"} | {
        name
        for name, node in functions.items()
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and name_of(call) == "store_edit"
        and {one.id for one in call.args if isinstance(one, ast.Name)} & {one.arg for one in node.args.args}
        and name.startswith("_")
    }
    waiting = [
        each
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and name_of(call) in wrappers
        for each in [*call.args, *call.keywords]
    ]
    inside, seen = set(), set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            inside.add(node)
            if isinstance(node, ast.Name) and node.id in functions and node.id not in seen:
                seen.add(node.id)
                waiting.append(functions[node.id])
    return inside


def test_the_form_behind_every_writer_with_a_version_offers_the_choice():
    known, behind, without = doors(), {}, []
    for path in sorted((ROOT / "pages" / "parts").glob("*.py")) + sorted((ROOT / "pages" / "screens").glob("*.py")):
        tree, _ = functions_of(path)
        inside = through_the_choice(tree)
        for door, call in calls_of_doors(tree):
            for writer in (one for one, through in known.items() if door in through):
                behind.setdefault(writer, set()).add(path.stem)
                if call not in inside and writer not in {*OWN_CHOICE, *NOTHING_TO_CHOOSE}:
                    without.append(f"{path.stem}: {writer}")
    assert without == []
    assert set(writers()) == set(behind) | set(NOTHING_TO_CHOOSE)
    assert {"planning.change_item", "users.change_role", "stage_reviews.override_stage"} <= set(behind)


def test_a_writer_with_a_choice_of_its_own_draws_it_alike():
    for writer in OWN_CHOICE:
        (door,) = doors()[writer]
        forms = [
            path
            for path in (ROOT / "pages" / "parts").glob("*.py")
            if any(each == door for each, _ in calls_of_doors(functions_of(path)[0]))
        ]
        assert forms
        assert all("show_choice(" in path.read_text("utf-8") for path in forms)
