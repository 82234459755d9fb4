from datetime import timedelta

import pytest

from core.facts import COMMAND_LINE, UserRole
from db.changes import record_audit
from db.engine import writing
from pages.parts.session import today
from tests.builders import add_branch
from tests.screens import screen


@pytest.fixture
def store(sqlite_store):
    """B1 of li with a contact logged late and corrected, B2 of wu with an event."""
    with writing(sqlite_store) as session:
        mine = add_branch(session, "B1").id
        other = add_branch(session, "B2", supervisor="wu").id
        for action, before, after in (
            ("record", None, {"minutes": 30, "is_late": True}),
            ("correct", {"minutes": 30, "is_late": True}, {"minutes": 45, "is_late": True}),
        ):
            audit(session, action, "contact", mine, before, after)
        audit(session, "change", "branch_event", other, {"title": "冬日"}, {"title": "冬季"})
    return sqlite_store


def audit(session, action, subject, branch_id, before, after):
    record_audit(
        session,
        actor=COMMAND_LINE,
        action=action,
        subject=subject,
        subject_id=1,
        branch_id=branch_id,
        before=before,
        after=after,
    )


def changes(store, **more):
    return screen(store, "audit", **({"role": UserRole.SUPERVISOR, "username": "li"} | more))


def lines(app):
    found = [frame.value for frame in app.dataframe if "before" in frame.value.columns]
    if not found:
        return []
    shown = found[0][["subject", "action", "branch_code", "field", "before", "after", "marks"]].fillna("")
    return [tuple(row) for row in shown.itertuples(index=False)]


def test_a_supervisor_sees_the_changes_of_his_branches_field_by_field_newest_first(store):
    assert lines(changes(store)) == [
        ("Contact", "Corrected", "B1", "Minutes", "30", "45", "Late · Corrected"),
        ("Contact", "Recorded", "B1", "Minutes", "", "30", "Late"),
        ("Contact", "Recorded", "B1", "Logged late", "", "Yes", "Late"),
    ]


def test_the_words_are_the_readers(store):
    app = changes(store, language="zh")
    assert lines(app)[0][:6] == ("沟通记录", "更正", "B1", "分钟", "30", "45")
    assert app.title[0].value == "变更记录"


def test_an_administrator_narrows_it_down_by_subject_branch_person_and_period(store):
    app = changes(store, role=UserRole.ADMIN, username="boss")
    assert {line[0] for line in lines(app)} >= {"Contact", "Event"}
    app.selectbox(key="audit_subject").set_value("branch_event").run()
    assert lines(app) == [("Event", "Changed", "B2", "Title", "冬日", "冬季", "")]
    app.selectbox(key="audit_subject").set_value(None).run()
    app.selectbox(key="audit_branch").set_value("B1").run()
    assert {line[2] for line in lines(app)} == {"B1"}
    app.selectbox(key="audit_person").set_value(0).run()
    assert {line[2] for line in lines(app)} == {"B1"}
    app.date_input(key="audit_last").set_value(today() - timedelta(days=2)).run()
    assert not app.exception
    assert lines(app) == []
    assert any("Nothing was changed in this period" in one.value for one in app.markdown)


def test_sign_ins_are_listed_where_accounts_are_asked_for(store):
    app = changes(store, role=UserRole.ADMIN, username="boss")
    assert "Signed in" not in {line[1] for line in lines(app)}
    app.selectbox(key="audit_subject").set_value("user_account").run()
    assert {line[0] for line in lines(app)} == {"Account"}


def test_older_changes_come_with_a_button_and_another_choice_begins_anew(store, monkeypatch):
    monkeypatch.setattr("core.trail.pages.trail_page.__kwdefaults__", {"titles": None, "are_more": False, "most": 2})
    app = changes(store)
    assert [line[1] for line in lines(app)] == ["Corrected"]
    app.button(key="audit_next").click().run()
    assert not app.exception
    assert [line[1] for line in lines(app)] == ["Recorded", "Recorded"]
    assert not [one for one in app.button if one.key == "audit_next"]
    app.button(key="audit_newest").click().run()
    assert [line[1] for line in lines(app)] == ["Corrected"]
    app.button(key="audit_next").click().run()
    app.selectbox(key="audit_subject").set_value("contact").run()
    assert [line[1] for line in lines(app)] == ["Corrected"]


def test_an_empty_store_says_so_and_a_branch_head_has_no_such_screen(sqlite_store):
    assert not changes(sqlite_store).exception
    app = screen(sqlite_store, "overview", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    with pytest.raises(Exception, match="audit"):
        app.switch_page("screens/audit.py").run()
