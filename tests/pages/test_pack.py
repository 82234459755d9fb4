from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import Stage, UserRole
from core.reports.pack import fonts
from core.reports.pack.formats import PackFile, PackFormat
from core.review.scope import ReviewScope, ScopeKind
from db.engine import reading, writing
from db.review_packs import keep_pack, packs_kept
from pages.parts.session import PAGES, today
from tests.builders import ADMIN, add_branch
from tests.screens import screen
from tests.staged import add_stage


@pytest.fixture
def store(sqlite_store):
    with writing(sqlite_store) as session:
        for code, owner in (("B1", "li"), ("B2", "li"), ("B3", "wu")):
            branch = add_branch(session, code, supervisor=owner, region="东区分公司/云州中支")
            add_stage(session, branch, last_complete_week(today()), Stage.SLUMP)
    return sqlite_store


def kept(store):
    with reading(store) as session:
        return packs_kept(session, actor=ADMIN)


def press(app):
    app.button(key="pack_make").click().run()
    assert not app.exception, app.exception
    return app


def words(app):
    return " ".join(one.value for one in [*app.markdown, *app.caption, *app.success, *app.warning, *app.error])


def test_without_branches_the_page_says_what_to_do(sqlite_store):
    app = screen(sqlite_store, "pack")
    assert "There are no branches yet" in words(app)
    assert "pack_make" not in [button.key for button in app.button]


def test_one_press_makes_all_files_keeps_them_and_shows_them(store):
    app = screen(store, "pack", username="boss")
    assert "No pack has been made yet" in words(app)
    press(app)
    assert "The pack is made and kept in the archive." in words(app)
    (pack,) = kept(store)
    assert [one.file_format for one in pack.files] == list(PackFormat)
    assert (pack.scope, pack.week_start) == (ReviewScope(ScopeKind.ALL), last_complete_week(today()))
    assert (pack.language, pack.with_names, pack.made_by) == ("en", False, "boss")
    assert app.code[0].value.startswith("Weekly review, week from")
    assert [one.key for one in app.get("download_button")] == [f"pack_file_{one.file_id}" for one in pack.files]


def test_branches_week_language_and_names_are_as_chosen(store):
    app = screen(store, "pack")
    app.selectbox(key="pack_scope").set_value("team:li")
    app.selectbox(key="pack_week").set_value(last_complete_week(today()) - timedelta(weeks=2))
    app.selectbox(key="pack_language").set_value("zh")
    app.toggle(key="pack_names").set_value(True)
    press(app)
    (pack,) = kept(store)
    assert (pack.scope, pack.week_start) == (
        ReviewScope(ScopeKind.TEAM, "li"),
        last_complete_week(today()) - timedelta(weeks=2),
    )
    assert (pack.language, pack.with_names) == ("zh", True)
    assert pack.files[0].file_name == f"review_{pack.week_start}_li_zh.pptx"
    assert app.code[0].value.startswith("周例会")


def test_a_supervisor_makes_packs_of_his_team_alone_and_sees_no_others(store):
    with writing(store) as session:
        keep_pack(
            session,
            actor=ADMIN,
            scope=ReviewScope(ScopeKind.ALL),
            week_start=last_complete_week(today()),
            language="zh",
            with_names=False,
            files=(PackFile(PackFormat.TXT, "a.txt", b"All branches"),),
            key="k",
        )
    app = screen(store, "pack", role=UserRole.SUPERVISOR, username="li", language="zh")
    assert app.selectbox(key="pack_scope").options == ["Li团队"]
    assert "尚未生成周报包" in words(app)


def test_an_earlier_pack_is_given_out_as_it_was_made(store):
    for number, content in enumerate((b"the first", b"the last")):
        with writing(store) as session:
            keep_pack(
                session,
                actor=ADMIN,
                scope=ReviewScope(ScopeKind.ALL),
                week_start=last_complete_week(today()),
                language="en",
                with_names=False,
                files=(PackFile(PackFormat.TXT, "a.txt", content),),
                key=str(number),
            )
    app = screen(store, "pack")
    assert [one.value for one in app.code] == ["the last"]


def test_a_branch_head_has_no_such_page(store):
    app = screen(store, "overview", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert "pack" not in app.session_state[PAGES].pages


def test_without_a_chinese_font_the_page_names_the_package_and_makes_the_other_files(store, monkeypatch):
    monkeypatch.setattr(fonts, "FACES", ("No Such Face",))
    app = press(screen(store, "pack"))
    assert "fonts-noto-cjk" in words(app)
    assert [one.file_format for one in kept(store)[0].files] == [PackFormat.PPTX, PackFormat.XLSX, PackFormat.TXT]
