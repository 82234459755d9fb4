"""What the Overview says in figures: branches by stage now, and KPIs with the period before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.cadence.weeks import CadenceWeeks
from core.facts import Badge, Stage
from core.kpis.definitions import KpiDefinition, kpi_definition
from core.language import Language
from core.portfolio import CONTACT_WEEKS
from core.stages.explanation import brief_reason_text, reason_text

HISTORY_WEEKS = 26
PERIOD_WEEKS = 4
"""Length of the period KPIs are shown for, and of the one before it."""
SHOWN_KPIS = (
    "branch_activity_rate",
    "policies_per_branch",
    "premium_per_branch",
    "scale_premium",
    "premium_per_policy",
    "regular_share",
    "active_sellers",
    "contact_attainment",
)
DIRECTIONS = {False: "down", None: "level", True: "up"}
"""What a move is called, by whether it goes up (None = neither), in the order shown."""
FEW = 5
"""Under this denominator the counts stand beside a rate."""


@dataclass(frozen=True)
class Period:
    """A stretch of days, both ends included."""

    start: date
    end: date


@dataclass(frozen=True)
class KpiFigure:
    """One KPI now, its target and its figure in the period before; None = cannot be said."""

    definition: KpiDefinition
    now: float | None
    before: float | None
    target: float | None
    numerator: float
    denominator: float


@dataclass(frozen=True)
class WatchSign:
    """How many branches carry the mark of one of the trade's known troubles."""

    badge: Badge
    branches: int


WATCH_SIGNS = (Badge.KEY_PERSON_LEFT, Badge.LOW_PLATEAU, Badge.CAMPAIGN_DRIVEN)
"""Marks that stand for frequent staff change, people that do not fit the branch, weak selling of their own."""


MOVES_SHOWN = 3
"""Moves told with their reason in each direction; the table has all."""


@dataclass(frozen=True)
class Move:
    """One branch that changed its stage: which way, from where to where, the figures behind it."""

    direction: str
    branch_code: str
    branch_name: str
    before: Stage
    after: Stage
    brief: str


@dataclass(frozen=True)
class MovesInShort:
    """How many branches moved down, level and up, and the first few of each."""

    counts: Mapping[str, int]
    first: tuple[Move, ...]


def watch_signs(badges: pa.ChunkedArray) -> tuple[WatchSign, ...]:
    """Return how many branches carry each of the three marks; `badges` is a list for each branch."""
    marks = pc.list_flatten(badges)
    return tuple(WatchSign(badge, pc.sum(pc.equal(marks, str(badge))).as_py() or 0) for badge in WATCH_SIGNS)


def kpi_periods(last_week: date) -> tuple[Period, Period]:
    """Return the period that ends with the week, and the one before it."""
    end = last_week + timedelta(days=6)
    start = end - timedelta(weeks=PERIOD_WEEKS) + timedelta(days=1)
    return Period(start, end), Period(start - timedelta(weeks=PERIOD_WEEKS), start - timedelta(days=1))


def kpi_figures(now: pa.Table, before: pa.Table) -> tuple[KpiFigure, ...]:
    """Return the KPIs of the Overview in their order; those without a row are left out.

    Args:
        now: `core.kpis.table.kpi_table` of the whole in the period.
        before: the same in the period before.
    """
    rows = {row["kpi"]: row for row in now.to_pylist()}
    earlier = {row["kpi"]: row["value"] for row in before.to_pylist()}
    return tuple(
        KpiFigure(
            definition=kpi_definition(key),
            now=rows[key]["value"],
            before=earlier.get(key),
            target=rows[key]["target"],
            numerator=rows[key]["numerator"],
            denominator=rows[key]["denominator"],
        )
        for key in SHOWN_KPIS
        if key in rows
    )


def counts_now(counts: pd.DataFrame, last_week: date | None) -> pa.Table:
    """Return how many branches are in each stage, and how the number changed in a week.

    Args:
        counts: one row per week and stage with branches: week_start, stage, branches.
        last_week: the week that is now; None = no stages yet.

    Returns:
        One row per stage in the order of a branch's life: stage str, branches int, change int,
        label str such as "12 (+2)"; no rows without a week.
    """
    if last_week is None or counts.empty:
        return pa.table({"stage": [], "branches": [], "change": [], "label": []})
    wide = counts.pivot_table(index="week_start", columns="stage", values="branches", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=[stage.value for stage in Stage], fill_value=0)
    wide = wide.reindex([last_week - timedelta(weeks=1), last_week], fill_value=0)
    number = [int(count) for count in wide.iloc[1]]
    change = [int(count) for count in wide.iloc[1] - wide.iloc[0]]
    labels = [f"{count:,} ({moved:+,})" if moved else f"{count:,}" for count, moved in zip(number, change, strict=True)]
    return pa.table({"stage": [stage.value for stage in Stage], "branches": number, "change": change, "label": labels})


def role_shares(cadence: CadenceWeeks) -> pa.Table:
    """Return the contacts made against those due by role, over the last `CONTACT_WEEKS` weeks.

    Returns:
        One row per role with something due: role str, due int, done int (at most due), attainment
        float, label str such as "78%".
    """
    due = cadence.due[:, :, -CONTACT_WEEKS:].sum(axis=(1, 2))
    done = cadence.done[:, :, -CONTACT_WEEKS:].sum(axis=(1, 2))
    shown = [number for number in range(len(cadence.roles)) if due[number] > 0]
    shares = [float(done[number] / due[number]) for number in shown]
    return pa.table(
        {
            "role": pa.array([str(cadence.roles[number]) for number in shown], pa.string()),
            "due": pa.array([int(due[number]) for number in shown], pa.int64()),
            "done": pa.array([int(done[number]) for number in shown], pa.int64()),
            "attainment": pa.array(shares, pa.float64()),
            "label": pa.array([f"{share:.0%}" for share in shares], pa.string()),
        }
    )


def moves_table(moves: pd.DataFrame, branches: pa.Table, language: Language) -> pa.Table:
    """Return the changes of stage of a week, those downwards first.

    Args:
        moves: `db.stage_history.stage_moves`.
        branches: at least branch_id, branch_code, branch_name of every branch that moved.
        language: of the reasons.

    Returns:
        One row per branch: direction (up, down, level), branch_code, branch_name, from_stage, stage,
        reason (sentence), brief (its figures); down, then level, then up, by code.
    """
    names = branches.select(["branch_id", "branch_code", "branch_name"]).to_pandas()
    rows = moves.merge(names, on="branch_id")
    rows["direction"] = [DIRECTIONS[is_up] for is_up in rows["is_up"]]
    rows["reason"] = [
        reason_text(language, key, facts) for key, facts in zip(rows["reason_key"], rows["facts"], strict=True)
    ]
    rows["brief"] = [
        brief_reason_text(language, key, facts) for key, facts in zip(rows["reason_key"], rows["facts"], strict=True)
    ]
    rows["order"] = rows["direction"].map({direction: place for place, direction in enumerate(DIRECTIONS.values())})
    rows = rows.sort_values(["order", "branch_code"])
    return pa.table(
        {
            name: pa.array(rows[column], pa.string(), from_pandas=True)
            for name, column in (
                ("direction", "direction"),
                ("branch_code", "branch_code"),
                ("branch_name", "branch_name"),
                ("from_stage", "before"),
                ("stage", "after"),
                ("reason", "reason"),
                ("brief", "brief"),
            )
        }
    )


def moves_in_short(moves: pa.Table) -> MovesInShort:
    """Return how many moved each way, and the first `MOVES_SHOWN` of each way in the order of the table.

    Args:
        moves: `moves_table`, or a table without rows.
    """
    rows = moves.to_pylist()
    ways = {way: [row for row in rows if row["direction"] == way] for way in DIRECTIONS.values()}
    return MovesInShort(
        counts={way: len(moved) for way, moved in ways.items()},
        first=tuple(
            Move(
                direction=way,
                branch_code=row["branch_code"],
                branch_name=row["branch_name"],
                before=Stage(row["from_stage"]),
                after=Stage(row["stage"]),
                brief=row["brief"],
            )
            for way, moved in ways.items()
            for row in moved[:MOVES_SHOWN]
        ),
    )
