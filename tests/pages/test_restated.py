from datetime import timedelta

import pytest

from core.calendar import last_complete_week
from core.facts import COMMAND_LINE, UserRole
from db.engine import writing
from db.imports.undo import undo_import
from db.models import ImportBatchRow, PolicyRow
from db.stage_history import recompute_stages
from pages.parts.session import today
from tests.builders import add_branch
from tests.screens import screen

WEEKS = 40
GAP = range(14, 34)
HEAD = "policy_ref,issued_on,branch_code,payment_mode,premium\n"


@pytest.fixture
def store(sqlite_store):
    """B1 of li sold nothing for a while, it seems; B2 of wang in another region sells two a week."""
    with writing(sqlite_store) as session:
        old = today() - timedelta(weeks=400)
        late = add_branch(session, "B1", cooperation_start=old)
        steady = add_branch(session, "B2", cooperation_start=old, region="西区分公司", supervisor="wang")
        session.add_all(
            PolicyRow(
                policy_ref=f"{branch.branch_code}-{week}-{number}",
                issued_on=monday(week),
                week_start=monday(week),
                branch_id=branch.id,
                payment_mode="regular",
                premium_fen=1_000_000,
                status="in_force",
            )
            for week in range(WEEKS)
            for branch in (late, steady)
            for number in range(2)
            if branch is steady or week not in GAP
        )
        recompute_stages(session, as_of=today())
    return sqlite_store


def monday(week):
    return last_complete_week(today()) - timedelta(weeks=WEEKS - 1 - week)


def late_policies():
    return HEAD + "".join(f"L{week}-{one},{monday(week)},B1,regular,10000\n" for week in GAP for one in range(2))


def import_late(app):
    """Bring the policies of the gap through the Import screen."""
    app.file_uploader(key="import_data_files").set_value([("policies.csv", late_policies().encode(), "text/csv")])
    app.run()
    app.button(key="import_data_store").click().run()
    assert not app.exception, app.exception


def take_back(app):
    app.selectbox(key="import_data_undo_batch").select_index(0)
    next(one for one in app.button if one.label == "Undo this import").click().run()
    assert not app.exception, app.exception


def words(app):
    kinds = (app.markdown, app.caption, app.subheader, app.success, app.error)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def tables(app, column):
    return [one.value for one in app.dataframe if column in one.value.columns]


def toggles(app):
    return [one.key for one in app.toggle]


def branch_of_li(store, **more):
    given = {"role": UserRole.SUPERVISOR, "username": "li", "query": {"branch": "B1"}} | more
    return screen(store, "branch", **given)


def test_late_policies_mark_the_branch_and_an_undo_takes_the_mark_away(store):
    branch = branch_of_li(store)
    assert "Restated" not in words(branch)
    assert "branch_restated_B1" not in toggles(branch)

    importing = screen(store, "import_data", username="chief")
    import_late(importing)
    branch.run()
    assert "Restated" in words(branch)
    assert "Weeks with another stage than at the time: " in words(branch)
    assert "Strip on top" in words(branch)
    assert tables(branch, "shown") == []
    branch.toggle(key="branch_restated_B1").set_value(True).run()
    (table,) = tables(branch, "shown")
    assert set(table["cause"]) == {"Import of data"}
    assert set(table["changed_by"]) == {"Chief"}
    assert all(list(then) != list(now) for then, now in zip(table["shown"], table["stage"], strict=True))
    assert list(table["week_start"]) == sorted(table["week_start"], reverse=True)

    take_back(importing)
    branch.run()
    assert "Restated" not in words(branch)
    assert "branch_restated_B1" not in toggles(branch)


def test_the_review_lists_the_differences_and_after_an_undo_the_changes_alone(store):
    review = screen(store, "stage_review", username="boss")
    assert "Every week shows the stage it showed at the time." in words(review)
    assert "stage_review_show_notes" not in toggles(review)

    import_late(screen(store, "import_data", username="chief"))
    review.run()
    (table,) = tables(review, "shown")
    assert set(table["branch_name"]) == {"青禾银行B1支行"}
    assert set(table["files"]) == {"policies.csv"}
    assert f"Weeks with another stage than at the time: {len(table)} · branches: 1" in words(review)
    assert {f"stage_review_restated_{kind}" for kind in ("csv", "xlsx")} <= downloads(review)

    with writing(store) as session:
        batch = session.query(ImportBatchRow).one().id
        undo_import(session, actor=COMMAND_LINE, import_batch_id=batch, today=today())
    review.run()
    assert "Every week shows the stage it showed at the time." in words(review)
    review.toggle(key="stage_review_show_notes").set_value(True).run()
    (notes,) = tables(review, "before")
    assert len(notes) == 2 * len(table)
    assert list(notes["cause"]) == ["Import taken back"] * len(table) + ["Import of data"] * len(table)
    assert set(notes["import_batch_id"]) == {batch}


def downloads(app):
    return {one.proto.id.rsplit("-", 1)[-1] for one in app.get("download_button")}


def test_who_sees_which_restated_weeks(store):
    import_late(screen(store, "import_data", username="chief"))
    (own,) = tables(screen(store, "stage_review", role=UserRole.SUPERVISOR, username="li"), "shown")
    assert "files" not in own.columns
    for role, username, more in (
        (UserRole.SUPERVISOR, "wang", {}),
        (UserRole.MANAGER, "west", {"region_path": "西区分公司"}),
    ):
        app = screen(store, "stage_review", role=role, username=username, **more)
        assert "Every week shows the stage it showed at the time." in words(app)
        assert "stage_review_show_notes" not in toggles(app)
    head = screen(store, "branch", role=UserRole.BRANCH_HEAD, username="head", branch_code="B1")
    assert "Restated" in words(head)


def test_a_filter_narrows_the_differences(store):
    import_late(screen(store, "import_data", username="chief"))
    review = screen(store, "stage_review", username="boss")
    assert len(tables(review, "shown")) == 1
    review.multiselect(key="stage_review_supervisor").set_value(["wang"]).run()
    assert tables(review, "shown") == []


def test_the_mark_and_the_list_read_in_chinese(store):
    import_late(screen(store, "import_data", username="chief"))
    branch = branch_of_li(store, language="zh")
    assert "已重述" in words(branch)
    assert "当时显示" in words(branch)
    review = screen(store, "stage_review", username="boss", language="zh")
    (table,) = tables(review, "shown")
    assert set(table["cause"]) == {"数据导入"}
