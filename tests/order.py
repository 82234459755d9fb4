"""Which worker runs what: whole files, the longest first.

The tests of a file share what is made once for it; handed out one by one, every worker makes it
again. A long file begun last leaves the other workers without work.
"""

from collections import Counter

import pytest
from xdist.scheduler.loadgroup import LoadGroupScheduling

LONGEST = (
    "browser/test_screens",
    "attacks/",
    "browser/",
    "test_first_start",
    "test_command_line",
    "contract/",
    "db/test_sample",
    "db/test_scope_walk",
    "db/test_stage_history",
    "db/test_backup",
    "db/test_stage_traps",
    "db/imports/",
    "core/stages/",
    "pages/test_threshold_lab",
)
"""Beginnings of paths below `tests/`; the rest comes by the number of its tests."""


class WholeFiles(LoadGroupScheduling):
    """Hand out groups whole, and of what has no group whole files, in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if group == nodeid else group


def longest_first(items: list[pytest.Item]) -> None:
    """Put the files that take longest to the front, and leave the tests of each in their order."""
    files = {item: item.nodeid.partition("::")[0] for item in items}
    tests = Counter(files.values())

    def place(item: pytest.Item) -> tuple[int, int, str]:
        name = files[item].removeprefix("tests/")
        rank = next((place for place, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))
        return rank, -tests[files[item]], name

    items.sort(key=place)
