"""What worked: the change after each action against matched branches, and what was dismissed and why."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.coaching.action_limits import action_limits_on
from core.coaching.dismissals import DismissalCount, dismissal_word, times_dismissed
from core.coaching.effect import ActionEffect, Estimate
from core.facts import Stage
from core.language import listed
from pages.parts.action_table import ACTION_PIXELS, action_titles
from pages.parts.layout import empty_state, escaped
from pages.parts.session import current, language, t
from pages.parts.store.branch import find_verdict
from pages.parts.store.coaching import dismissal_counts, effects, has_enough_cases
from pages.parts.tables import Column, show_table


def show_what_worked() -> None:
    """Draw the table of effects and say how it is made; asked only where it is opened."""
    found = effects(current())
    limits = action_limits_on(current().today)
    st.markdown(
        t(
            "Policies of an ordinary week in the {weeks} weeks after an action, held against what the {weeks} weeks "
            "before and matched branches without the action let expect: same stage, size, bank or region, and a like "
            "level before. Season and working days are divided out; weeks that cannot be judged are left out.",
            weeks=limits.effect_weeks,
        )
    )
    if not found:
        empty_state(
            t("No action was done {weeks} weeks ago or longer, so nothing can be said yet.", weeks=limits.effect_weeks)
        )
        return
    verdicts = {
        "more": t("More than expected"),
        "less": t("Less than expected"),
        "unclear": t("No clear difference"),
        "few": t("Too few cases"),
    }
    show_table(
        _table(found),
        [
            Column("action", t("Action"), width=ACTION_PIXELS[language()], pinned=True),
            Column("stage", t("Stage"), "stage", width=108, help=t("Stage when the action was taken on")),
            Column("cases", t("Cases"), "integer", width=58),
            Column("verdict", t("What is seen"), words=verdicts, width=124),
            Column("change", t("Change in policies"), "share", help=t("After against expected"), width=126),
            Column("change_low", t("Change, lower end"), "share", help=t("Lower end of the interval"), width=122),
            Column("change_high", t("Change, upper end"), "share", help=t("Upper end of the interval"), width=122),
            Column("rate_before", t("Policies a week before"), "decimal"),
            Column("rate_after", t("Policies a week after"), "decimal"),
            Column("rate_expected", t("Policies a week expected"), "decimal"),
            Column("moves", t("Stages risen, net"), "share", help=t("Risen less fallen, beyond the matched branches")),
            Column("moves_low", t("Stages, lower end"), "share"),
            Column("moves_high", t("Stages, upper end"), "share"),
            Column("matched", t("Matched branches"), "integer"),
        ],
        key="coaching_effect",
        name=t("What worked"),
    )
    st.caption(
        t(
            "Nothing is claimed under {cases} cases. The interval holds the true change in {share} of cases: a normal "
            "one with Student's factor from the influence of each branch, nothing is drawn by chance. Of {many} "
            "rows without any effect about one looks clear by chance. People choose who gets an action: what they "
            "know beyond these figures is not taken out.",
            cases=limits.effect_cases_min,
            share=f"{limits.effect_coverage:.0%}",
            many=round(1 / (1 - limits.effect_coverage)),
        )
    )


def _table(found: Sequence[ActionEffect]) -> pa.Table:
    titles = action_titles()
    ordered = sorted(
        found, key=lambda one: (not one.is_claim, -one.cases, one.action_key, list(Stage).index(one.stage))
    )
    columns = {
        "action": pa.array([titles.get(one.action_key, one.action_key) for one in ordered], pa.string()),
        "stage": pa.array([one.stage.value for one in ordered], pa.string()),
        "cases": pa.array([one.cases for one in ordered], pa.int64()),
        "verdict": pa.array([_verdict(one) for one in ordered], pa.string()),
        "matched": pa.array([one.matched or None for one in ordered], pa.int64()),
    }
    for name in ("rate_before", "rate_after", "rate_expected"):
        columns[name] = pa.array([getattr(one, name) for one in ordered], pa.float64())
    for name in ("change", "moves"):
        estimates: list[Estimate | None] = [getattr(one, name) for one in ordered]
        columns[name] = pa.array([one.value if one else None for one in estimates], pa.float64())
        columns[f"{name}_low"] = pa.array([one.low if one else None for one in estimates], pa.float64())
        columns[f"{name}_high"] = pa.array([one.high if one else None for one in estimates], pa.float64())
    return pa.table(columns)


def _verdict(effect: ActionEffect) -> str:
    seen = effect.change or effect.difference
    if seen is None:
        return "few"
    return ("more" if seen.value > 0 else "less") if seen.is_clear else "unclear"


def claim_line(branch_id: int, action_key: str) -> str | None:
    """Return what became of branches of this one's stage after the action; None where nothing may be claimed."""
    if action_key not in has_enough_cases(current()):
        return None
    now = find_verdict(current(), branch_id)
    mine = (one for one in effects(current()) if now and one.action_key == action_key and one.stage is now.stage)
    found = next(mine, None)
    if found is None or found.change is None:
        return None
    return escaped(
        t(
            "Done {cases} times in the stage {stage}: policies {change} against matched branches ({low} to {high}).",
            cases=found.cases,
            stage=stage_word(language(), found.stage),
            change=f"{found.change.value:+.0%}",
            low=f"{found.change.low:+.0%}",
            high=f"{found.change.high:+.0%}",
        )
    )


def dismissed_line(branch_id: int, action_key: str) -> str | None:
    """Return how often an action was dismissed here and over the scope, and why; None where it never was."""
    everywhere = times_dismissed(dismissal_counts(current()), action_key)
    if not everywhere:
        return None
    here = times_dismissed(dismissal_counts(current(), branch_id), action_key)
    return escaped(
        t(
            "Dismissed {here} times here, {all} times over your branches: {reasons}",
            here=sum(one.times for one in here),
            all=sum(one.times for one in everywhere),
            reasons=_reasons(everywhere),
        )
    )


def _reasons(counts: Sequence[DismissalCount]) -> str:
    words = [f"{dismissal_word(language(), one.dismissal)} {one.times}" for one in counts]
    return listed(language(), words)


def show_dismissed(counts: Sequence[DismissalCount]) -> None:
    """List what was dismissed, how often and why, with the latest words."""
    titles = action_titles()
    ordered = sorted(counts, key=lambda one: (-one.times, one.action_key, one.dismissal))
    show_table(
        pa.table(
            {
                "action": pa.array([titles.get(one.action_key, one.action_key) for one in ordered], pa.string()),
                "dismissal": pa.array([dismissal_word(language(), one.dismissal) for one in ordered], pa.string()),
                "times": pa.array([one.times for one in ordered], pa.int64()),
                "branches": pa.array([one.branches for one in ordered], pa.int64()),
                "last_on": pa.array([one.last_on for one in ordered], pa.date32()),
                "texts": pa.array([" / ".join(one.texts) or None for one in ordered], pa.string()),
            }
        ),
        [
            Column("action", t("Action"), width=ACTION_PIXELS[language()], pinned=True),
            Column("dismissal", t("Reason to dismiss"), width=180),
            Column("times", t("Times"), "integer"),
            Column("branches", t("Branches"), "integer"),
            Column("last_on", t("Last on"), "day"),
            Column("texts", t("Latest words"), width="large"),
        ],
        key="coaching_dismissed",
        name=t("Dismissed actions"),
    )
