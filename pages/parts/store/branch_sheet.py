"""The page about a branch for a visit: asked on the click, outside the run that drew the button."""

from core.reports.branch_sheet import BranchSheet
from db import branch_sheet as rows
from db.engine import reading
from pages.parts.store.base import Ask


def sheet(ask: Ask, branch_id: int) -> BranchSheet:
    """Return the facts of the page; refusals as `db.branch_sheet.branch_sheet`."""
    with reading(ask.store_url) as session:
        return rows.branch_sheet(session, actor=ask.actor, branch_id=branch_id, today=ask.today)
