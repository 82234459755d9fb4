"""The file of `classify` holds the same rows and sentences as the screens, quoted as the csv module would."""

import csv
import json
from io import StringIO

import numpy as np
import pytest

from core.reports.program_files import write_ready_csv
from core.stages import reason_text, reason_texts
from core.stages.facts import RowFacts
from core.stages.lines import CLASSIFIED, classified_lines
from core.stages.panel import SUSPENDED
from tests.core.stages.world import LONG_AGO, classified, panel_of, steady


@pytest.fixture(scope="module")
def facts():
    stopped = [*steady(50, 2, seed=9), *([0] * 40)]
    return RowFacts(classified(panel_of(steady(90, 0.4), stopped, [0] * 90, start_on=LONG_AGO)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_in_bulk_are_those_one_by_one(facts, language):
    one_by_one = [reason_text(language, row.reason_key, row.facts) for row in facts.rows()]
    assert [words for columns in facts.columns() for words in reason_texts(language, columns)] == one_by_one


def test_lines_are_the_rows(facts):
    weeks = facts.history.panel.weeks
    lines = list(classified_lines(["A", "B", "C"], facts))
    rows = list(facts.rows())
    assert len(lines) == len(rows) == 3 * len(weeks)
    for line, row in zip(lines, rows, strict=True):
        assert line[:3] == ("ABC"[row.branch], row.week_start.isoformat(), row.stage.value)
        assert float(line[3]) == row.confidence
        assert line[4:] == (reason_text("en", row.reason_key, row.facts), row.most_likely.value)


def test_the_facts_to_store_are_those_of_the_rows_without_probabilities():
    status = np.zeros((2, 60), np.int8)
    status[0, 20:40] = SUSPENDED
    history = classified(panel_of([1] * 60, [2] * 40 + [0] * 20, status=status))
    history.market[1, 45] = True
    history.worth.swing[44:47] = 0.5
    found = [json.loads(facts) for columns in RowFacts(history).columns() for facts in columns.facts_json()]
    assert any(facts.get("market") for facts in found)
    assert any(facts.get("reopened") for facts in found)
    assert any(facts.get("swing", 1) < 1 for facts in found)
    for row, facts in zip(RowFacts(history).rows(), found, strict=True):
        assert facts == {name: value for name, value in row.facts.items() if name != "probabilities"}


@pytest.mark.parametrize(
    "cells", [("a", "b"), ("a,1", "b"), ("a", 'say "b"'), ("a\nc", "b"), ("a\rc", "b,"), ("", ""), ("a,b", "c,d")]
)
def test_ready_cells_are_written_as_the_csv_module_writes_them(cells, tmp_path):
    rows = [("x", "y"), cells, ("p", "q")]
    write_ready_csv(tmp_path / "f.csv", ("one", "two"), rows)
    wanted = StringIO(newline="")
    csv.writer(wanted, lineterminator="\n").writerows([("one", "two"), *rows])
    assert (tmp_path / "f.csv").read_bytes().decode() == wanted.getvalue()


def test_the_header_is_that_of_the_contract():
    assert CLASSIFIED == ("branch_code", "week_start", "stage", "confidence", "reason", "most_likely")
