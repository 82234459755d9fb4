"""From the header of a sheet to what each column means.

Accepted are the canonical name and the Chinese alias, in any order, with spaces, in any case or
width. Unknown columns are listed as ignored; those that name customer data are dropped with a note.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.imports.datasets import COLUMNS, Column, Dataset
from db.imports.messages import DOUBLE_COLUMN, HEADER_IN_TEN_THOUSANDS, MISSING_COLUMN, Remark
from db.imports.text_files import normal_header

PRIVATE_HEADER = re.compile(
    r"客户姓名|客户名称|身份证|证件号|手机|电话|卡号|账号|帐号|地址|投保人|被保险人|被保人|受益人|邮箱"
    r"|customer_?name|client_?name|id_?card|id_?number|identity|mobile|phone_?n|telephone|card_?n|address|e_?mail",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """What the columns of one sheet mean.

    `places` maps a canonical column to its position; `ignored` and `private` hold the headings of
    the other columns as the file writes them; `problems` make the sheet unusable.
    """

    row: int
    width: int
    titles: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]
    private: tuple[str, ...]
    problems: tuple[tuple[str, str, Remark], ...] = ()

    @property
    def kept(self) -> list[int]:
        """Return the positions of all columns but those that name customer data."""
        return [place for place, title in enumerate(self.titles) if title not in self.private]


def known_headers(dataset: Dataset) -> dict[str, Column]:
    """Return the columns of a dataset by normal name and alias."""
    return {normal_header(name): column for column in COLUMNS[dataset] for name in (column.name, column.alias)}


def all_known_headers() -> frozenset[str]:
    """Return every normal heading of every dataset."""
    return frozenset(name for dataset in Dataset for name in known_headers(dataset))


def header_score(cells: Sequence[str], dataset: Dataset) -> int:
    """Return how many different columns of the dataset the row names."""
    known = known_headers(dataset)
    return len({known[name].name for name in map(normal_header, cells) if name in known})


def fitting_dataset(cells: Sequence[str]) -> Dataset | None:
    """Return the one dataset all of whose required columns the row names, None where it is not one."""
    fitting = [
        dataset
        for dataset in Dataset
        if all(
            any(normal_header(name) in set(map(normal_header, cells)) for name in (column.name, column.alias))
            for column in COLUMNS[dataset]
            if column.required
        )
    ]
    if len(fitting) > 1:
        best = max(header_score(cells, dataset) for dataset in fitting)
        fitting = [dataset for dataset in fitting if header_score(cells, dataset) == best]
    return fitting[0] if len(fitting) == 1 else None


def read_header(cells: Sequence[str], dataset: Dataset, row: int) -> Header:
    """Return the meaning of a header row."""
    known = known_headers(dataset)
    places: dict[str, int] = {}
    ignored: list[str] = []
    private: list[str] = []
    problems: list[tuple[str, str, Remark]] = []
    for place, cell in enumerate(cells):
        title = cell.strip()
        if not title:
            continue
        column = known.get(normal_header(cell))
        if column is None:
            (private if PRIVATE_HEADER.search(title) else ignored).append(title)
            if dataset is Dataset.POLICIES and "万" in title and re.search("保费|premium", title, re.IGNORECASE):
                problems.append(("premium", title, Remark(HEADER_IN_TEN_THOUSANDS)))
        elif column.name in places:
            words = {"column": column.name, "first": cells[places[column.name]].strip(), "second": title}
            problems.append((column.name, title, Remark(DOUBLE_COLUMN, words)))
        else:
            places[column.name] = place
    for column in COLUMNS[dataset]:
        if column.required and column.name not in places:
            words = {"column": column.name, "alias": column.alias}
            problems.append((column.name, "", Remark(MISSING_COLUMN, words)))
    titles = tuple(cell.strip() for cell in cells)
    return Header(row, len(cells), titles, places, tuple(ignored), tuple(private), tuple(problems))
