"""Which branch a screen is about: its code in the address, or picked from those in the scope."""

from collections.abc import Callable

import streamlit as st

from core.facts import Branch
from pages.parts.attention import show_attention
from pages.parts.layout import HINTLESS_PIXELS, empty_state, escaped, no_branches, section
from pages.parts.session import current, guarded, language, t
from pages.parts.store.branch import branch_names, find_branch
from pages.parts.store.overview import branches_to_see

ADDRESS = "branch"
MOST_IN_LIST = 3_000
"""Above so many branches the code is typed: a longer list is slow to send and hopeless to scroll."""


def chosen_branch(screen: str, *, instead: Callable[[], None] | None = None) -> Branch | None:
    """Draw the choice of a screen and return the branch; None, with the first ones to see, where none is chosen.

    `instead` draws what stands in the place of those first ones.
    A code that is foreign and one that does not exist get the same answer.
    """
    ask = current()
    names = branch_names(ask)
    if not names:
        no_branches()
        return None
    code = st.query_params.get(ADDRESS)
    if len(names) == 1 and (code is None or code in names):
        return find_branch(ask, next(iter(names)))
    draw_choice(f"{screen}_choice", code, names)
    if code is None and instead is not None:
        instead()
        return None
    if code is None:
        to_see = branches_to_see(ask, language())
        if to_see:
            with section(t("Whom to see first"), hint=t("Choose one here, or above by name or code")):
                show_attention(to_see, key=f"{screen}_to_see", opens=screen)
        else:
            empty_state(t("Choose a branch above: type a part of its name or its code."))
        return None
    branch = find_branch(ask, code)
    if branch is None:
        st.warning(t("There is no branch “{code}” among yours. Choose one above.", code=escaped(code)))
    return branch


def draw_choice(key: str, code: str | None, names: dict[str, str]) -> None:
    """Draw the choice of a branch, whose code then stands in the address."""

    def follow() -> None:
        picked = st.session_state.get(key)
        if picked:
            st.query_params[ADDRESS] = picked
        else:
            st.query_params.pop(ADDRESS, None)

    if len(names) > MOST_IN_LIST:
        st.session_state[key] = code or ""
        st.text_input(t("Branch code"), key=key, on_change=guarded(follow), width=HINTLESS_PIXELS)
        return
    st.session_state[key] = code if code in names else None
    st.selectbox(
        t("Branch"),
        list(names),
        key=key,
        index=None,
        format_func=names.__getitem__,
        placeholder=t("Name or code"),
        filter_mode="contains",
        on_change=guarded(follow),
    )
