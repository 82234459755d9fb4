"""What a page comes to on paper."""

import re
from pathlib import Path

from playwright.sync_api import Page

PAGE = re.compile(rb"/Type\s*/Page\b")


def sheets_of(page: Page) -> int:
    """Return how many sheets the open page takes as the browser prints it, paper and margins as the page says."""
    return len(PAGE.findall(page.pdf(prefer_css_page_size=True)))


def sheets_of_download(tab: Page, name: str) -> int:
    """Download a page to print, open it beside, and return how many sheets it takes."""
    with tab.expect_download() as download:
        tab.get_by_role("button", name=name).click()
    beside = tab.context.new_page()
    beside.set_content(Path(download.value.path()).read_text(encoding="utf-8"))
    sheets = sheets_of(beside)
    beside.close()
    return sheets
