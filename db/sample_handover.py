"""One branch of the sample city that got another head lately, by a staff list as the bank sends one."""

import csv
import tempfile
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from core.facts import COMMAND_LINE, StaffRole
from core.sample.plan import names
from db.engine import StoreError, reading
from db.imports.run import import_files
from db.imports.sources import ImportFile
from db.models import BranchRow, StaffRow

DAYS_AGO = 9


def change_a_head(url: str, *, today: date) -> None:
    """Let the head of one of the demo supervisor's branches have left, and the next one have come the day after.

    The row of the sample's words names which branch; a city with fewer keeps its heads.

    Raises:
        StoreError: the import refused the list.
    """
    row = names()["traces"]["new_head"]
    supervisor = next(one["username"] for one in names()["demo"]["accounts"] if one["role"] == "supervisor")
    came = today - timedelta(days=DAYS_AGO)
    with reading(url) as session:
        own = (
            select(BranchRow.branch_code, StaffRow.staff_code, StaffRow.staff_name, StaffRow.joined_on)
            .join(StaffRow, StaffRow.branch_id == BranchRow.id)
            .where(
                BranchRow.supervisor == supervisor,
                StaffRow.role == StaffRole.BRANCH_HEAD.value,
                StaffRow.left_on.is_(None),
            )
            .order_by(BranchRow.branch_code)
            .offset(row["branch"])
            .limit(1)
        )
        found = session.execute(own).one_or_none()
        if found is None:
            return
        codes = select(StaffRow.staff_code).join(BranchRow).where(BranchRow.branch_code == found.branch_code)
        number = max(int(code.rpartition("-")[2]) for code in session.scalars(codes)) + 1
    joined, role = found.joined_on.isoformat() if found.joined_on else "", StaffRole.BRANCH_HEAD.value
    left = came - timedelta(days=1)
    lines = [
        ("staff_code", "branch_code", "staff_name", "role", "joined_on", "left_on"),
        (found.staff_code, found.branch_code, found.staff_name, role, joined, left.isoformat()),
        (f"{found.branch_code}-{number:02d}", found.branch_code, row["name"], role, came.isoformat(), ""),
    ]
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "staff.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        report = import_files(url, [ImportFile(path.name, path)], actor=COMMAND_LINE, today=today, is_for_sample=True)
    if not report.is_stored:
        raise StoreError("the change of a head was refused by the import; this is a fault of the program")
