"""Weeks that show another stage than at the time: the mark on the Branch page, the lists of the Stage review."""

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core.calendar import SHANGHAI
from core.facts import Branch, RestatementCause, UserRole
from core.language.days import day_word
from core.language.labels import label
from pages.parts.layout import empty_state, escaped
from pages.parts.navigation import open_screen
from pages.parts.session import current, language, t
from pages.parts.store.branch import restated_weeks
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

TALL = 400


def show_restated(branch: Branch) -> None:
    """Mark a branch with restated weeks, and list what was shown at the time once the reader opens it."""
    weeks = restated_weeks(current(), branch.branch_id)
    if not weeks.num_rows:
        return
    latest = pc.max(weeks["changed_at"]).as_py().astimezone(SHANGHAI)
    said = t(
        "Weeks with another stage than at the time: {count} · last changed on {day}",
        count=weeks.num_rows,
        day=day_word(language(), latest.date()),
    )
    mark = t("Restated")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":gray-badge[:material/history: {escaped(mark)}] :small[{escaped(said)}]", width="content")
        is_open = st.toggle(t("What was shown at the time"), key=f"branch_restated_{branch.branch_code}")
    if is_open:
        show_table(
            weeks,
            [*_week_columns(), *_maker_columns()],
            key="branch_restated_weeks",
            name=t("What was shown at the time"),
            height=TALL,
        )


def show_differences(weeks: pa.Table) -> None:
    """List the restated weeks of all branches; a row opens the branch.

    Args:
        weeks: as `db.stage_restatements.restated_weeks`, with the branches.
    """
    if not weeks.num_rows:
        empty_state(t("Every week shows the stage it showed at the time."))
        return
    st.caption(
        t(
            "Weeks with another stage than at the time: {count} · branches: {branches}",
            count=weeks.num_rows,
            branches=pc.count_distinct(weeks["branch_id"]).as_py(),
        )
    )
    _open_chosen(
        weeks,
        [_branch_column(), *_week_columns(), *_maker_columns(), *_place_columns()],
        key="stage_review_restated",
        name=t("Restated weeks"),
    )


def show_notes(notes: pa.Table) -> None:
    """List every later change of a week's stage, those that were taken back too; a row opens the branch.

    Args:
        notes: as `db.stage_restatements.restatement_notes`, with the branches.
    """
    columns = [
        _branch_column(),
        Column("week_start", t("Week from"), "day", width=96),
        Column("before", t("Before"), "stage", width=108),
        Column("after", t("After"), "stage", width=108),
        *_maker_columns(),
        *_place_columns(),
    ]
    _open_chosen(notes, columns, key="stage_review_notes", name=t("Later changes of the stage"))


def _open_chosen(table: pa.Table, columns: list[Column], *, key: str, name: str) -> None:
    chosen = show_table(table, columns, key=key, name=name, on_select="rerun", height=TALL)
    if chosen is not None:
        open_screen("branch", {"branch": table["branch_code"][chosen].as_py()})


def _branch_column() -> Column:
    return Column("branch_name", t("Branch"), width=208, pinned=True)


def _place_columns() -> list[Column]:
    return [
        Column("supervisor", t("Supervisor"), words=supervisor_words()),
        Column("region", t("Region")),
        Column("branch_code", t("Branch code")),
    ]


def _week_columns() -> list[Column]:
    return [
        Column("week_start", t("Week from"), "day", width=96),
        Column("shown", t("Shown at the time"), "stage", width=128),
        Column("stage", t("Stage now"), "stage", help=t("Empty: the week has no stage any more"), width=108),
    ]


def _maker_columns() -> list[Column]:
    causes = {cause.value: label(language(), cause) for cause in RestatementCause}
    return [
        Column("changed_at", t("Changed at"), "moment", width=130),
        Column("cause", t("Because of"), words=causes, width=120),
        Column("changed_by", t("Changed by"), help=t("Empty: the command line"), width=96),
        Column("import_batch_id", t("Import number"), "integer", width=124),
        *([Column("files", t("Files"), width=180)] if current().actor.role is UserRole.ADMIN else []),
        Column(
            "shown_at", t("First shown at"), "moment", help=t("Empty: before the app kept what was shown"), width=130
        ),
    ]
