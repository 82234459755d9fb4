"""What the threshold lab shows: who would move, how calm stages would be, simulated branches, the stored versions."""

import pyarrow as pa
import streamlit as st

from core.charts.theme import stage_word
from core.facts import Stage
from core.language.days import day_word
from core.stages.rule_check import title_of
from core.stages.trial import Difference
from pages.parts.lab_forms import Tried, show_withdraw_button
from pages.parts.lab_words import change_word, profile_words, subject_words
from pages.parts.layout import empty_state, section
from pages.parts.navigation import open_screen
from pages.parts.session import current, language, t
from pages.parts.store import lab
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

FEW = 3
"""Changes of a version named in the list; the others are behind it."""


def show_change(tried: Tried) -> None:
    """Name what is tried, with the shares that give way to it."""
    before = lab.numbers_now(current())
    words = [change_word(one, before[one.subject, one.key]) for one in tried.values]
    st.caption(" · ".join(words[:FEW]) + _and_more(len(words)))


def _and_more(count: int) -> str:
    return " · " + t("and {count} more", count=count - FEW) if count > FEW else ""


def show_own_branches(tried: Tried) -> None:
    """Show which of the own branches would stand elsewhere now, and how often stages would change."""
    ask = current()
    with section(t("Your branches"), help=t("As if the numbers had held all along, beside the present ones")):
        with st.spinner(t("Working out the stages of all branches under these numbers…"), show_time=True):
            trial = lab.find_trial(ask, tried.values)
        if trial is None:
            empty_state(
                t("No branch has a stage yet. Import branches and policies, and this part shows which would move."),
                page="import_data",
                action=t("Import your data"),
            )
            return
        found, moved = trial
        _show_figures(found)
        row = show_table(
            moved,
            [
                Column("branch_name", t("Branch"), pinned=True, width=210),
                Column("before", t("With the present numbers"), "stage", width=184),
                Column("after", t("With these numbers"), "stage", width=150),
                Column("supervisor", t("Supervisor"), words=supervisor_words()),
                Column("bank", t("Bank")),
                Column("region", t("Region")),
                Column("branch_code", t("Branch code")),
            ],
            key="threshold_lab_moved",
            name=t("Branches that would move"),
            on_select="rerun",
            empty=t("No branch would stand in another stage now."),
            height=300,
        )
        if row is not None:
            open_screen("branch", {"branch": moved["branch_code"][row].as_py()})


def _show_figures(found: Difference) -> None:
    with st.container(horizontal=True):
        st.metric(
            t("Branches that would move now"),
            t("{moved} of {all}", moved=f"{len(found.moved):,}", all=f"{found.branches:,}"),
        )
        st.metric(
            t("Changes of stage a branch-year"),
            f"{found.changes_before:.2f} → {found.changes_after:.2f}",
            help=t("Stages shown over the last 52 weeks: present numbers, then these"),
        )


def show_simulated_branches(tried: Tried) -> None:
    """Show how well the stages shown agree with the truth on simulated branches, before and after."""
    ask, words = current(), profile_words()
    usual = next(iter(words))
    with section(t("Simulated branches")):
        st.caption(
            t(
                "Not your branches: {count} invented ones a market over two years, whose true stage is known. "
                "Tolerant counts either neighbouring stage within four weeks of a change.",
                count=lab.SIMULATED_BRANCHES,
            )
        )
        with st.spinner(t("Judging simulated branches…"), show_time=True):
            columns = {
                f"{profile}_{when}": _score_cells(lab.simulated_scores(ask, values, profile))
                for profile in (usual, tried.profile)
                for when, values in (("now", ()), ("then", tried.values))
            }
        show_table(
            pa.table({"figure": _score_words(), **columns}),
            [
                Column("figure", t("Figure"), pinned=True, width=210),
                Column(f"{usual}_now", t("{market}: now", market=words[usual]), "decimal"),
                Column(f"{usual}_then", t("{market}: then", market=words[usual]), "decimal"),
                Column(f"{tried.profile}_now", t("{market}: now", market=words[tried.profile]), "decimal"),
                Column(f"{tried.profile}_then", t("{market}: then", market=words[tried.profile]), "decimal"),
            ],
            key="threshold_lab_simulated",
            name=t("Simulated branches"),
            height="content",
        )


def _score_words() -> list[str]:
    recalls = [t("Recall of {stage}, %", stage=stage_word(language(), stage)) for stage in Stage]
    return [
        t("Macro-F1, strict, %"),
        t("Macro-F1, tolerant, %"),
        *recalls,
        t("Changes of stage a branch-year"),
        t("True changes a branch-year"),
    ]


def _score_cells(scores: lab.Scores) -> pa.Array:
    shares = [100 * one for one in (scores.macro_f1, scores.tolerant_f1, *scores.recall)]
    return pa.array([*shares, scores.changes, scores.true_changes], pa.float64())


def show_versions() -> None:
    """List the versions with date, author and what changed; one is shown in full and can be withdrawn."""
    ask = current()
    found = lab.versions(ask)
    with section(t("Versions")):
        show_table(
            _version_table(found),
            [
                Column("valid_from", t("Valid from"), "day", pinned=True),
                Column("state", t("State"), words=_state_words()),
                Column("changes", t("What changed"), width="large"),
                Column("note", t("Why"), width="medium"),
                Column("made_by", t("Saved by")),
                Column("made_at", t("Saved"), "moment"),
            ],
            key="threshold_lab_versions",
            name=t("Versions of the stage rules"),
            empty=t("None yet: the numbers shipped with the program hold. Try a change above and save it."),
        )
        by_id = {one.version_id: one for one in found}
        picked = (
            st.selectbox(
                t("Show a version in full"),
                list(by_id),
                index=None,
                format_func=lambda key: (
                    f"{day_word(language(), by_id[key].rules.valid_from)} · {by_id[key].rules.note}"
                ),
                placeholder=t("Choose a version"),
                key="threshold_lab_version",
            )
            if by_id
            else None
        )
        if picked in by_id:
            _show_version(by_id[picked])


def _version_table(found: tuple[lab.StoredVersion, ...]) -> pa.Table:
    return pa.table(
        {
            "valid_from": pa.array([one.rules.valid_from for one in found], pa.date32()),
            "state": pa.array([_state(one) for one in found], pa.string()),
            "changes": pa.array([_changes(one) for one in found], pa.string()),
            "note": pa.array([one.rules.note for one in found], pa.string()),
            "made_by": pa.array([one.made_by or t("Command line") for one in found], pa.string()),
            "made_at": pa.array([one.made_at for one in found], pa.timestamp("s", "UTC")),
        }
    )


def _state(version: lab.StoredVersion) -> str:
    if version.withdrawn_at is not None:
        return "withdrawn"
    return "in_force" if version.rules.valid_from <= current().today else "to_come"


def _state_words() -> dict[str, str]:
    return {"in_force": t("In force"), "to_come": t("To come"), "withdrawn": t("Withdrawn")}


def _changes(version: lab.StoredVersion) -> str:
    pairs = list(zip(version.rules.values, version.before, strict=True))
    return "; ".join(change_word(value, before) for value, before in pairs[:FEW]) + _and_more(len(pairs))


def _show_version(version: lab.StoredVersion) -> None:
    if version.withdrawn_at is not None:
        st.caption(t("Withdrawn by {name}", name=version.withdrawn_by or t("Command line")))
    values = version.rules.values
    show_table(
        pa.table(
            {
                "subject": [one.subject for one in values],
                "title": [title_of(language(), (one.subject, one.key)) for one in values],
                "before": pa.array(version.before, pa.float64()),
                "after": pa.array([one.value for one in values], pa.float64()),
                "key": [one.key for one in values],
            }
        ),
        [
            Column("subject", t("Subject"), words=subject_words()),
            Column("title", t("Limit"), width="large"),
            Column("before", t("Before")),
            Column("after", t("After")),
            Column("key", t("Key")),
        ],
        key="threshold_lab_version_values",
        name=t("Changed numbers"),
        height=300,
    )
    show_withdraw_button(version)
