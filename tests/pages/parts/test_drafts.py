"""What was typed comes back when a form is closed and opened, or another record or screen came between."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest


def form_of_records():
    """A form over the picked record, which a switch closes and a button stores."""
    import streamlit as st

    from pages.parts.drafts import begin_draft, drop_draft, is_begun
    from pages.parts.session import forget

    if st.session_state.pop("leaving", False):
        forget()
    st.session_state.setdefault("language", "en")
    notes = st.session_state.setdefault("notes", {"a": "old a", "b": "old b"})
    record = st.segmented_control("Record", ["a", "b"], default="a", key="record")
    form = f"form_{record}"
    if st.toggle("Open", True, key="open"):
        draft = begin_draft(form, {"note": notes[record], "kind": None})
        note = st.text_area("Note", draft.held["note"], **draft.of("note"))
        st.selectbox("Kind", [1, 2], index=None, **draft.of("kind"))
        if st.button("Save", key="save"):
            notes[record] = note
            drop_draft(form)
            st.rerun()
        draft.show_way_back()
    st.session_state["begun"] = is_begun(form)


@pytest.fixture
def app():
    return AppTest.from_function(form_of_records).run()


def typed(app):
    return app.text_area[0].value, app.selectbox[0].value


def turned(app, *, opened):
    app.toggle(key="open").set_value(opened)
    return app.run()


def test_what_was_typed_comes_back_when_the_form_is_opened_again(app):
    assert not app.session_state["begun"]
    app.text_area[0].set_value("new a")
    app.selectbox[0].set_value(2).run()
    assert app.session_state["begun"]
    turned(app, opened=False)
    assert app.session_state["begun"]
    app.run()
    turned(app, opened=True)
    assert typed(app) == ("new a", 2)


def test_what_was_typed_in_the_moment_the_form_closes_comes_back(app):
    app.text_area[0].set_value("new a")
    turned(app, opened=False)
    assert app.session_state["begun"]
    assert typed(turned(app, opened=True)) == ("new a", None)


def test_each_record_has_its_own(app):
    app.text_area[0].set_value("new a").run()
    app.segmented_control[0].set_value("b").run()
    assert typed(app) == ("old b", None)
    app.text_area[0].set_value("new b").run()
    app.segmented_control[0].set_value("a").run()
    assert typed(app) == ("new a", None)
    app.button(key="save").click().run()
    app.segmented_control[0].set_value("b").run()
    assert typed(app) == ("new b", None)


def test_what_is_stored_or_discarded_is_forgotten(app):
    app.text_area[0].set_value("new a").run()
    app.button(key="save").click().run()
    assert typed(app) == ("new a", None)
    assert not app.session_state["begun"]
    app.text_area[0].set_value("other").run()
    app.button(key="form_a_discard").click().run()
    assert typed(app) == ("new a", None)
    assert not app.session_state["begun"]
    assert not [one for one in app.button if one.key == "form_a_discard"]


def test_a_form_in_which_nothing_was_typed_shows_what_somebody_else_stored(app):
    turned(app, opened=False)
    app.session_state["notes"]["a"] = "theirs"
    turned(app, opened=True)
    assert typed(app) == ("theirs", None)
    assert not app.session_state["begun"]


def test_what_was_typed_stays_beside_what_somebody_else_stored(app):
    app.text_area[0].set_value("mine").run()
    turned(app, opened=False)
    app.session_state["notes"]["a"] = "theirs"
    turned(app, opened=True)
    assert typed(app) == ("mine", None)
    app.button(key="form_a_discard").click().run()
    assert typed(app) == ("theirs", None)


@pytest.mark.parametrize("opened", [False, True])
def test_signing_out_forgets_it(app, opened):
    app.text_area[0].set_value("mine").run()
    turned(app, opened=opened)
    app.session_state["leaving"] = True
    app.run()
    assert not app.session_state["begun"]
    assert typed(turned(app, opened=True)) == ("old a", None)


def editor():
    """A table to edit that a switch closes; `cells` stands for what the browser sends about it."""
    import streamlit as st

    from pages.parts.drafts import begin_draft

    draft = begin_draft("form", {})
    if st.toggle("Open", True, key="open"):
        start = draft.frame("grid", st.session_state["base"])
        frame = st.data_editor(start, key=draft.key("grid"))
        draft.keep_frame("grid", st.session_state.get("cells", frame))
        st.session_state["began_with"] = start
    st.session_state["begun"] = draft.is_begun


def test_a_table_begins_with_what_it_held_and_with_the_same_while_it_is_drawn():
    base, edited = pd.DataFrame({"n": [1, 2]}), pd.DataFrame({"n": [1, 5]})
    app = AppTest.from_function(editor)
    app.session_state["base"] = base
    app.run()
    assert not app.session_state["begun"]
    app.session_state["cells"] = edited
    app.run()
    assert app.session_state["began_with"].equals(base)
    assert app.session_state["begun"]
    turned(app, opened=False)
    assert app.session_state["begun"]
    turned(app, opened=True)
    assert app.session_state["began_with"].equals(edited)
