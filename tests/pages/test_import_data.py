import pytest
from sqlalchemy import select

from core.facts import UserRole
from db.engine import SAMPLE, reading, writing
from db.models import BranchRow, ImportBatchRow, PolicyRow, StoreFactRow
from tests.db.imports.files import BRANCHES, POLICIES, STAFF, imported, write
from tests.screens import screen


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


def upload(app, **texts):
    app.file_uploader(key="import_data_files").set_value(
        [(f"{name}.csv", words.encode(), "text/csv") for name, words in texts.items()]
    )
    app.run()
    assert not app.exception, app.exception
    return app


def piles(app):
    return [metric.value for metric in app.metric]


def words(app):
    return "\n".join(e.value for kind in (app.error, app.success, app.warning, app.info, app.markdown) for e in kind)


def has_button(app, key):
    return any(button.key == key for button in app.button)


def branch_count(store):
    with reading(store) as session:
        return session.query(BranchRow).count()


def test_the_empty_screen_says_what_to_do(store):
    app = screen(store, "import_data")
    assert "Nothing was imported yet" in words(app)
    assert not has_button(app, "import_data_store")


def test_a_preview_counts_four_piles_and_stores_nothing(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES, staff=STAFF)
    assert piles(app) == ["4", "0", "0", "0"]
    assert branch_count(store) == 0


def test_storing_is_a_second_step_and_the_log_shows_it(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES, staff=STAFF, policies=POLICIES)
    app.button(key="import_data_store").click().run()
    assert not app.exception, app.exception
    assert "Stored: 6 new, 0 changed, 0 unchanged, 0 rejected" in words(app).replace("\\", "")
    assert branch_count(store) == 2
    with reading(store) as session:
        batch = session.scalars(select(ImportBatchRow)).one()
        assert batch.imported_by is not None
    assert list(app.dataframe[-1].value["inserted"]) == [6]
    assert piles(app) == ["0", "0", "6", "0"]
    assert "already imported on" in words(app)


def test_rejected_rows_are_shown_and_nothing_is_stored_unless_chosen(store):
    bad = BRANCHES.replace("wang,active", "wang,gone")
    app = upload(screen(store, "import_data"), branches=bad)
    assert piles(app) == ["1", "0", "0", "1"]
    table = next(frame.value for frame in app.dataframe if "message" in frame.value)
    assert list(table["row"]) == [3]
    assert list(table["column"]) == ["status"]
    app.button(key="import_data_store").click().run()
    assert branch_count(store) == 1


def test_changes_show_old_and_new(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES)
    app.button(key="import_data_store").click().run()
    app = upload(app, branches=BRANCHES.replace("解放路支行", "新名支行"))
    table = next(frame.value for frame in app.dataframe if "old" in frame.value)
    assert table[["key", "column", "old", "new"]].values.tolist() == [
        ["00456", "branch_name", "解放路支行", "新名支行"]
    ]


def test_an_import_is_undone(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES, policies=POLICIES.replace("0001", ""))
    app.button(key="import_data_store").click().run()
    with reading(store) as session:
        batch_id = session.scalars(select(ImportBatchRow.id)).one()
    app.selectbox(key="import_data_undo_batch").set_value(batch_id)
    app.button(key="import_data_undo_submit").click().run()
    assert not app.exception, app.exception
    assert "The import was undone" in words(app).replace("\\", "")
    assert branch_count(store) == 0


def test_an_undo_that_others_depend_on_is_refused_with_the_reason(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES)
    app.button(key="import_data_store").click().run()
    app = upload(app, policies=POLICIES.replace("00123,0001", "00123,"))
    app.button(key="import_data_store").click().run()
    with reading(store) as session:
        first = session.scalars(select(ImportBatchRow.id)).first()
    app.selectbox(key="import_data_undo_batch").set_value(first)
    app.button(key="import_data_undo_submit").click().run()
    assert "depend on it" in words(app)
    with reading(store) as session:
        assert session.query(PolicyRow).count() == 2


def test_the_sample_city_can_be_tried_but_not_added_to(store):
    with writing(store) as session:
        session.add(StoreFactRow(key=SAMPLE, value=1))
    app = upload(screen(store, "import_data"), branches=BRANCHES)
    assert piles(app) == ["2", "0", "0", "0"]
    assert "python manage.py init --empty" in words(app)
    assert not has_button(app, "import_data_store")


def test_a_supervisor_sees_refusals_of_foreign_branches(store):
    app = upload(screen(store, "import_data", role=UserRole.SUPERVISOR, username="li"), branches=BRANCHES)
    table = next(frame.value for frame in app.dataframe if "message" in frame.value)
    assert list(table["message"]) == ["not one of your branches"]


def test_the_screen_speaks_chinese(store):
    app = upload(screen(store, "import_data", language="zh"), branches=BRANCHES.replace("wang,active", "wang,gone"))
    assert [metric.label for metric in app.metric] == ["新增", "变更", "不变", "拒绝"]
    table = next(frame.value for frame in app.dataframe if "message" in frame.value)
    assert table["message"][0].startswith("无法识别")
    assert table["column"][0] == "状态"


def test_new_rows_are_shown_in_the_words_of_chinese_files(store):
    app = upload(screen(store, "import_data", language="zh"), branches=BRANCHES, staff=STAFF)
    table = next(frame.value for frame in app.dataframe if "role" in frame.value)
    assert list(table["role"]) == ["理财经理", "柜员"]


def test_files_stored_already_are_not_offered_again(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES, staff=STAFF)
    app.button(key="import_data_store").click().run()
    assert not app.exception, app.exception
    assert piles(app) == ["0", "0", "4", "0"]
    assert not has_button(app, "import_data_store")
    assert "there is nothing to store" in "\n".join(each.value for each in app.caption)


def test_an_import_from_the_command_line_is_named_in_the_language_of_the_reader(store, tmp_path):
    imported(store, write(tmp_path, branches=BRANCHES))
    app = screen(store, "import_data", language="zh")
    assert app.dataframe[0].value["by"].tolist() == ["命令行"]


def test_what_may_be_stored_is_offered_before_the_rows(store):
    app = upload(screen(store, "import_data"), branches=BRANCHES, staff=STAFF)
    shown = [each.type for each in app.main]
    assert shown.index("metric") < shown.index("button") < shown.index("dataframe")
