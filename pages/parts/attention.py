"""Where the branches stand, and the list of those to see first: links with the reason beside them."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.attention import CHANGED, attention_title
from core.charts.palette import STAGE_BADGE_COLOURS
from core.charts.theme import stage_word
from core.facts import Stage
from core.language.labels import label
from pages.parts.layout import escaped
from pages.parts.session import language
from pages.parts.store.overview import BranchToSee


def show_stages(counts: pa.Table, *, with_links: bool) -> None:
    """Draw the number of branches in each stage now, its change since last week, and the way to them.

    Args:
        counts: as `core.overview.counts_now`.
        with_links: False for a reader who has no list of branches.
    """
    with st.container(horizontal=True, gap="small"):
        for row in counts.to_pylist():
            stage = Stage(row["stage"])
            words = f":{STAGE_BADGE_COLOURS[stage]}[**{stage_word(language(), stage)}**] **{row['label']}**"
            if with_links:
                st.page_link("screens/branches.py", label=words, query_params={"branches_stage": stage.value})
            else:
                st.markdown(words, width="content")


def show_attention(branches: Sequence[BranchToSee]) -> None:
    """Draw the branches, first in need first, each with its marks and the sentence behind its stage."""
    with st.container(gap=None):
        for number, branch in enumerate(branches, 1):
            colour, word = STAGE_BADGE_COLOURS[branch.stage], stage_word(language(), branch.stage)
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.page_link(
                    "screens/branch.py",
                    label=f"{number}. **{escaped(branch.branch_name)}** :{colour}[**{word}**]",
                    query_params={"branch": branch.branch_code},
                )
                st.markdown(f":small[{' · '.join(_marks(branch))}]", width="content")
            st.caption(escaped(branch.reason[:1].upper() + branch.reason[1:]))


def _marks(branch: BranchToSee) -> list[str]:
    marks = [label(language(), badge) for badge in branch.badges]
    if branch.attention == CHANGED:
        return [attention_title(language(), CHANGED), *marks]
    return marks
