"""What branches like those of a scope did in the same days; told only as sums over enough of them.

This is the one question that looks beyond the scope of whoever asks: it reads the figures of all branches and
gives back nothing but weighed sums of groups, as `core.review.comparators.peer_groups` allows them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.review.comparators import figures_of, peer_groups, peer_sums, region_classes
from core.review.measures import measures_on
from db.access import scoped
from db.kpis import branch_figures
from db.models import BranchRow

EVERYBODY = Actor(user_id=0, username="", display_name="", role=UserRole.ADMIN)


@dataclass(frozen=True)
class Peers:
    """What the scope would have if its branches were their peers, the columns `core.kpis.table.FIGURES`."""

    sums: dict[str, NDArray[Any]]
    branches: int


def find_peers(
    session: Session, *, actor: Actor, seen: Actor, start: date, end: date, today: date, with_contacts: bool = False
) -> Peers | None:
    """Return the peers of the branches `seen` sees, as `actor` may be told; None where there are too few.

    `actor` is the reader with all he may see, `seen` the same narrowed to the branches asked about.
    """
    subjects = _keys(session, seen)
    if not len(subjects):
        return None
    if len(subjects) == len(_keys(session, EVERYBODY)):
        return None
    table = branch_figures(session, actor=EVERYBODY, start=start, end=end, today=today, with_contacts=with_contacts)
    operating = table.filter(np.asarray(table["operating"].to_numpy() > 0))
    ids = operating["branch_id"].to_numpy()
    is_subject = np.isin(ids, subjects)
    likeness = pd.DataFrame(
        {
            "bank": operating["bank"].to_pylist(),
            "region_class": region_classes(operating["region"].to_pylist(), day=end),
            "size_tier": operating["size_tier"].to_pylist(),
        }
    )
    peer_of, held_against = peer_groups(
        likeness,
        is_subject=is_subject,
        is_foreign=~np.isin(ids, _keys(session, actor)),
        least=measures_on(end).limits.peers_min,
    )
    found = peer_sums(figures_of(operating), is_subject=is_subject, peer_of=peer_of, held_against=held_against, day=end)
    return None if found is None else Peers(*found)


def _keys(session: Session, actor: Actor) -> NDArray[np.int64]:
    return np.array(session.scalars(scoped(select(BranchRow.id), actor, BranchRow.id)).all(), dtype=np.int64)
