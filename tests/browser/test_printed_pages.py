"""Pages to print, as a browser puts them on paper."""

from datetime import datetime
from itertools import product

import pytest

from core.calendar import SHANGHAI
from core.coaching.playbook import shipped_playbook
from core.facts import Stage
from core.language import LANGUAGES
from core.reports.a4 import a4_page
from core.reports.branch_sheet import sheet_parts
from core.reports.tables import Stamp
from core.self_check.comparison import BranchRecord, differences
from core.self_check.rules import YES, self_check_rules
from pages.parts.self_check_page import printed_parts
from pages.parts.session import SPOKEN
from tests.browser.printed import sheets_of
from tests.core.reports.sheets import TITLES, full_sheet

RULES = self_check_rules()
MADE_AT = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)
BRANCH = "临溪农商银行云州市高新技术产业开发区科技创新大道支行营业部"


def fullest():
    """Return the answers and the record that differ in the most places, low answers among them."""
    records = [
        BranchRecord(stage, active_sellers=0, events=0, show_up_rate=0.42, contact_attainment=share)
        for stage, share in product(Stage, (0.42, 0.95))
    ]
    content = {one.key: YES for one in RULES.questions} | {"S3": 1, "S9": 1}
    answers = [content | {"S13": support, "S15": confidence} for support, confidence in product((1, 5), (1, 5))]
    return max(product(answers, records), key=lambda pair: len(differences(*pair)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fullest_self_check_takes_one_sheet(page, language):
    values, known = fullest()
    assert len(differences(values, known)) == 6
    spoken = SPOKEN.set(language)
    try:
        parts = printed_parts(values, known, shipped_playbook(), need="需" * RULES.limits.most_characters)
    finally:
        SPOKEN.reset(spoken)
    stamp = Stamp(f"Self-check 2026-11 · {BRANCH}", "Channel manager Li Ming", MADE_AT, language)
    page.set_content(a4_page(parts, stamp, note="Finished on 18 Nov 2026. Figures as of that day.").decode())
    assert sheets_of(page) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fullest_sheet_for_a_visit_takes_one_sheet(page, language):
    stamp = Stamp("Visit · 青禾银行云州第一支行", "boss", MADE_AT, language)
    html = a4_page(sheet_parts(full_sheet(), language, TITLES), stamp, note="B1 · 青禾银行", is_dense=True)
    page.set_content(html.decode())
    assert sheets_of(page) == 1
