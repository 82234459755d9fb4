"""The surveys of all branches: how complete, what is due, and the reminder list."""

import pyarrow as pa
import pyarrow.compute as pc

from core.survey.completeness import PartState
from core.survey.fields import survey_fields
from pages.parts.choices import choice_in_address
from pages.parts.layout import section
from pages.parts.navigation import open_screen
from pages.parts.session import current, language, t
from pages.parts.store.surveys import overview
from pages.parts.survey_views import is_head
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

REMINDED, ALL = "reminded", "all"


def show_overview() -> None:
    """List the branches with something due or due soon, the worst first, or all of them; a line opens its survey."""
    table = overview(current())
    reminded = table.filter(pc.not_equal(table["state"], PartState.INSIDE.value))
    words = {
        REMINDED: t("To survey: {count}", count=reminded.num_rows),
        ALL: t("All branches: {count}", count=table.num_rows),
    }
    with section(t("Surveys of all branches"), hint=t("Choose a line to open the survey")):
        shown = reminded if choice_in_address("survey_list", words, t("Which branches")) == REMINDED else table
        _show_branches(shown)


def _show_branches(table: pa.Table) -> None:
    said = language()
    sections = {one.key: one.words.said(said) for one in survey_fields().sections_for(for_head=is_head())}
    place = show_table(
        table,
        [
            Column("branch_name", t("Branch"), pinned=True),
            Column("completeness", t("Complete"), "share", help=t("Required fields filled; “not known” is not filled")),
            Column("due", t("Due now"), "words", words=sections),
            Column("warned", t("Due soon"), "words", words=sections),
            Column("surveyed_on", t("Last survey"), "day"),
            Column("review_on", t("Confirm by"), "day", help=t("The first day on which an answer runs out")),
            Column("supervisor", t("Supervisor"), words=supervisor_words()),
            Column("branch_code", t("Branch code")),
        ],
        key="survey_overview",
        name=t("Surveys of all branches"),
        on_select="rerun",
        empty=t("Nothing is due: every survey is complete in its periods."),
        height=600,
    )
    if place is not None:
        open_screen("survey", {"branch": table["branch_code"][place].as_py()})
