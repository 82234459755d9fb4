"""Pages that are to be printed on one sheet of A4, with as much on them as there can be."""

import re
from datetime import datetime

import pytest

from core.calendar import SHANGHAI
from core.reports.a4 import a4_page
from core.reports.branch_sheet import sheet_parts
from core.reports.tables import Stamp
from tests.core.reports.sheets import TITLES, full_sheet


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sheet_for_a_visit_is_one_page_of_a4(browser, language):
    stamp = Stamp("Visit · 青禾银行云州第一支行", "boss", datetime(2026, 5, 18, 9, tzinfo=SHANGHAI), language)
    html = a4_page(sheet_parts(full_sheet(), language, TITLES), stamp, note="B1 · 青禾银行", is_dense=True)
    page = browser.new_page()
    page.set_content(html.decode())
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
