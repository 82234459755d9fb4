"""Where the branches stand, whom to see first, who moved: lines to click, each list one element of the page.

An element costs the server a tenth of a millisecond and the wire a message, so ten lines are one list of choices
whose words hold name, stage, marks and reason; a click opens the branch. The words wrap on a phone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from unicodedata import east_asian_width

import pyarrow as pa
import streamlit as st

from core.attention import CHANGED, attention_title
from core.charts.palette import STAGE_BADGE_COLOURS
from core.charts.theme import stage_word
from core.facts import Stage
from core.language import Language, text
from core.language.labels import label
from core.overview import Move, MovesInShort
from pages.parts.layout import escaped
from pages.parts.navigation import open_screen
from pages.parts.session import language, t
from pages.parts.store.overview import BranchToSee

MARKS = 2
"""Marks that fit beside a name; the Branch page has all."""
MOVE_SIGNS = {"down": "↓", "level": "→", "up": "↑"}
WIDE_BLANK = "\N{IDEOGRAPHIC SPACE}"
"""As wide as a Chinese character: fills names up, so that what follows stands in line."""
FIGURE_BLANK = "\N{FIGURE SPACE}"
"""As wide as a digit: fills numbers up."""


def show_stages(counts: pa.Table, *, with_links: bool) -> None:
    """Draw the number of branches in each stage now, its change since last week, and the way to them.

    Args:
        counts: as `core.overview.counts_now`.
        with_links: False for a reader who has no list of branches.
    """
    words = {
        row["stage"]: f"{_coloured(language(), Stage(row['stage']))} **{row['label']}**" for row in counts.to_pylist()
    }
    if not words:
        return
    if not with_links:
        st.markdown(" · ".join(words.values()))
        return
    picked = st.segmented_control(
        t("Stages now"), list(words), format_func=words.__getitem__, key="overview_stages", label_visibility="collapsed"
    )
    if picked is not None:
        open_screen("branches", branches_in(Stage(picked)))


def branches_in(stage: Stage) -> dict[str, str]:
    """Return the address of the branches in a stage, as the filter itself writes it."""
    return {"branches_stage": stage_word(language(), stage)}


def show_attention(branches: Sequence[BranchToSee], *, key: str, opens: str, name: str | None = None) -> None:
    """Draw one line a branch, first in need first: name, stage, marks, the figures behind the stage.

    Args:
        branches: as `pages.parts.store.overview.branches_to_see`.
        key: `<screen>_to_see`.
        opens: the screen a click opens with that branch.
        name: what the list is to a screen reader, that of those to see first where none is given.
    """
    lines = _attention_lines(language(), tuple(branches))
    _show_lines(lines, key=key, name=name or t("Whom to see first"), opens=opens)


def show_moves(moves: MovesInShort) -> None:
    """Draw how many branches moved in each direction, and the first of each with both stages and the reason."""
    words = {
        "down": t("↓ Down: {branches}", branches=moves.counts["down"]),
        "level": t("→ Neither: {branches}", branches=moves.counts["level"]),
        "up": t("↑ Up: {branches}", branches=moves.counts["up"]),
    }
    st.markdown(" · ".join(f"**{words[way]}**" for way, branches in moves.counts.items() if branches))
    _show_lines(_move_lines(language(), moves.first), key="overview_moved", name=t("Moved this week"))


def _show_lines(lines: Mapping[str, str], *, key: str, name: str, opens: str = "branch") -> None:
    """Draw the lines, by branch code, to click; whoever comes back finds none picked."""
    picked = st.radio(
        name, list(lines), index=None, format_func=lines.get, key=key, label_visibility="collapsed", width="stretch"
    )
    if picked is not None:
        open_screen(opens, {"branch": picked})


@lru_cache(maxsize=256)
def _attention_lines(shown_language: Language, branches: tuple[BranchToSee, ...]) -> dict[str, str]:
    """Return the line of each branch by its code, the same for everybody who sees these branches."""
    longest = max((_wide(branch.branch_name) for branch in branches), default=0)
    lines = {}
    for number, branch in enumerate(branches, 1):
        place = f"{number}." + FIGURE_BLANK * (2 - len(str(number)))
        blanks = WIDE_BLANK * (longest - _wide(branch.branch_name) + 1)
        marks = " ".join(f":gray-badge[{escaped(mark)}]" for mark in _marks(shown_language, branch)[:MARKS])
        stage = _coloured(shown_language, branch.stage) if branch.stage else "–"
        lines[branch.branch_code] = (
            f"{place} **{escaped(branch.branch_name)}**{blanks}{stage} "
            f"{marks or '·'} :small[{escaped(_sentence(branch.brief))}]"
        )
    return lines


@lru_cache(maxsize=256)
def _move_lines(shown_language: Language, moves: tuple[Move, ...]) -> dict[str, str]:
    lines = {
        move.branch_code: (
            f"{MOVE_SIGNS[move.direction]} **{escaped(move.branch_name)}** {_coloured(shown_language, move.before)} → "
            f"{_coloured(shown_language, move.after)} · :small[{escaped(_sentence(move.brief))}]"
        )
        for move in moves
    }
    often = {line for line, times in Counter(lines.values()).items() if times > 1}
    return {code: f"{line} :small[({escaped(code)})]" if line in often else line for code, line in lines.items()}


def _coloured(shown_language: Language, stage: Stage) -> str:
    return f":{STAGE_BADGE_COLOURS[stage]}[**{stage_word(shown_language, stage)}**]"


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def _marks(shown_language: Language, branch: BranchToSee) -> list[str]:
    marks = [label(shown_language, badge) for badge in branch.badges]
    if branch.override:
        return [text(shown_language, "By hand: {stage}", stage=stage_word(shown_language, branch.override)), *marks]
    if branch.attention == CHANGED:
        return [attention_title(shown_language, CHANGED), *marks]
    return marks


def _wide(name: str) -> int:
    """Return how many of its characters are as wide as a Chinese one."""
    return sum(east_asian_width(character) in "WF" for character in name)
