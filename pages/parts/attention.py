"""The list of branches to see first: each a link to the branch, why it is here, and the stage's reason."""

from collections.abc import Sequence

import streamlit as st

from core.attention import attention_title
from core.charts.palette import STAGE_BADGE_COLOURS
from core.charts.theme import stage_word
from core.language.labels import label
from pages.parts.layout import escaped
from pages.parts.session import language, t
from pages.parts.store.overview import BranchToSee


def show_attention(branches: Sequence[BranchToSee]) -> None:
    """Draw the branches, first in need first."""
    shown_language = language()
    with st.container(gap="xxsmall"):
        for number, branch in enumerate(branches, 1):
            colour, word = STAGE_BADGE_COLOURS[branch.stage], stage_word(shown_language, branch.stage)
            st.page_link(
                "screens/branch.py",
                label=f"**{number}. {escaped(branch.branch_name)}** · :{colour}[**{word}**]",
                query_params={"branch": branch.branch_code},
            )
            st.caption(f"**{escaped(_why(branch))}**  \n{escaped(branch.reason)}")


def _why(branch: BranchToSee) -> str:
    shown_language = language()
    title = attention_title(shown_language, branch.attention)
    marks = [label(shown_language, badge) for badge in branch.badges]
    lost = [t("{policies} policies fewer than expected", policies=f"{branch.policies_lost:.0f}")]
    return " · ".join([title, *(mark for mark in marks if mark != title), *(lost if branch.policies_lost >= 1 else [])])
