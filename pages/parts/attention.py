"""Where the branches stand, and the list of those to see first: links with the reason beside them."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core.attention import CHANGED, attention_title
from core.charts.palette import STAGE_BADGE_COLOURS
from core.charts.theme import stage_word
from core.facts import Stage
from core.language.labels import label
from pages.parts.layout import escaped
from pages.parts.navigation import page_of
from pages.parts.session import language, t
from pages.parts.store.overview import BranchToSee

MARKS = 2
"""Marks that fit beside a name; the Branch page has all."""
LINK_PIXELS = 330
"""Room for number, name and stage; fits a phone, where marks and figures go below."""
MOVES = 3
"""Moves listed with their reason in each direction; the table has all."""


def show_stages(counts: pa.Table, *, with_links: bool) -> None:
    """Draw the number of branches in each stage now, its change since last week, and the way to them.

    Args:
        counts: as `core.overview.counts_now`.
        with_links: False for a reader who has no list of branches.
    """
    with st.container(horizontal=True, gap="small"):
        for row in counts.to_pylist():
            stage = Stage(row["stage"])
            words = f"{_coloured(stage)} **{row['label']}**"
            if with_links:
                st.page_link(page_of("branches"), label=words, icon="", query_params=branches_in(stage))
            else:
                st.markdown(words, width="content")


def branches_in(stage: Stage) -> dict[str, str]:
    """Return the address of the branches in a stage, as the filter itself writes it."""
    return {"branches_stage": stage_word(language(), stage)}


def show_attention(branches: Sequence[BranchToSee]) -> None:
    """Draw one line a branch, first in need first: name and stage as a link, marks, figures behind the stage."""
    with st.container(gap="xxsmall"):
        for number, branch in enumerate(branches, 1):
            with st.container(horizontal=True, vertical_alignment="center", gap=None):
                st.page_link(
                    page_of("branch"),
                    icon="",
                    label=f"{number}. **{escaped(branch.branch_name)}** {_coloured(branch.stage)}",
                    query_params={"branch": branch.branch_code},
                    help=escaped(_sentence(branch.reason)),
                    width=LINK_PIXELS,
                )
                marks = " ".join(f":gray-badge[{escaped(mark)}]" for mark in _marks(branch)[:MARKS])
                st.markdown(f"{marks} :small[{escaped(_sentence(branch.brief))}]")


def show_moves(moves: pa.Table, direction: str) -> None:
    """Draw the branches that moved in a direction, the first `MOVES` of them, with the reason.

    Args:
        moves: as `core.overview.moves_table`.
        direction: up, down or level.
    """
    rows = moves.filter(pc.equal(moves["direction"], direction))
    words = {
        "down": t("↓ Down: {branches}", branches=rows.num_rows),
        "level": t("→ Neither: {branches}", branches=rows.num_rows),
        "up": t("↑ Up: {branches}", branches=rows.num_rows),
    }
    st.markdown(f"**{words[direction]}**")
    with st.container(gap=None):
        for row in rows.slice(0, MOVES).to_pylist():
            st.page_link(
                page_of("branch"),
                icon="",
                label=f"**{escaped(row['branch_name'])}** {_coloured(row['from_stage'])} → {_coloured(row['stage'])}",
                query_params={"branch": row["branch_code"]},
            )
            st.caption(escaped(_sentence(row["reason"])))
        if rows.num_rows > MOVES:
            st.caption(t("and {branches} more in the table below", branches=rows.num_rows - MOVES))


def _coloured(stage: str) -> str:
    return f":{STAGE_BADGE_COLOURS[Stage(stage)]}[**{stage_word(language(), Stage(stage))}**]"


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def _marks(branch: BranchToSee) -> list[str]:
    marks = [label(language(), badge) for badge in branch.badges]
    if branch.override:
        return [t("By hand: {stage}", stage=stage_word(language(), branch.override)), *marks]
    if branch.attention == CHANGED:
        return [attention_title(language(), CHANGED), *marks]
    return marks
