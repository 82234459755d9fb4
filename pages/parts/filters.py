"""Filters over branches that live in the address, so that a view can be shared.

Every value is held against what the reader may see: a name from the address that is not in the scope
is dropped. Stages in the address may be stored values or words of either language.
"""

from collections.abc import Sequence

import streamlit as st

from core.charts.theme import stage_word
from core.facts import Stage
from core.language import LANGUAGES
from core.portfolio import BranchFilter
from pages.parts.session import current, language, t
from pages.parts.store.filters import filter_options

FILTER_PIXELS = 164
"""Two in a row on a phone."""


def branch_filter(
    key: str,
    *,
    thing: Sequence[str] = ("region", "bank", "city", "stage", "supervisor"),
    in_popover: bool = False,
) -> BranchFilter:
    """Draw the filters and return what was chosen.

    Args:
        key: name of the screen; the address then holds `<key>_region`, `<key>_bank` and so on.
        thing: which filters, in order.
        in_popover: behind one button instead of in a row; for screens where filters are rare.
    """
    options = filter_options(current())
    choices = {
        "region": (t("Region"), options.regions),
        "bank": (t("Bank"), options.banks),
        "city": (t("City"), options.cities),
        "supervisor": (t("Supervisor"), options.supervisors),
    }
    offered = [name for name in thing if name == "stage" or len(choices[name][1]) > 1]
    box = st.popover(t("Filters"), icon=":material/filter_list:") if in_popover else st.container()
    chosen: dict[str, tuple[str, ...]] = {}
    with box, st.container(horizontal=not in_popover, gap="small"):
        for name in offered:
            if name == "stage":
                chosen[name] = _stages(f"{key}_stage")
                continue
            word, values = choices[name]
            chosen[name] = _choice(f"{key}_{name}", word, values)
    return BranchFilter(
        regions=chosen.get("region", ()),
        banks=chosen.get("bank", ()),
        cities=chosen.get("city", ()),
        stages=chosen.get("stage", ()),
        supervisors=chosen.get("supervisor", ()),
    )


def _choice(key: str, word: str, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        st.multiselect(
            word,
            values,
            key=key,
            placeholder=t("All"),
            bind="query-params",
            filter_mode="contains",
            width=FILTER_PIXELS,
        )
    )


def _stages(key: str) -> tuple[str, ...]:
    names = {name: stage for stage in Stage for name in (stage.value, *(stage_word(each, stage) for each in LANGUAGES))}
    from_address = st.query_params.get_all(key)
    shown = {stage_word(language(), stage) for stage in Stage}
    if from_address and not shown.issuperset(from_address):
        st.session_state[key] = list(dict.fromkeys(names[name].value for name in from_address if name in names))
    chosen = st.multiselect(
        t("Stage"),
        [stage.value for stage in Stage],
        format_func=lambda value: stage_word(language(), Stage(value)),
        key=key,
        placeholder=t("All"),
        bind="query-params",
        width=FILTER_PIXELS,
    )
    return tuple(chosen)
