"""Signing in and out as a person does it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, settled, sign_in
from tests.running import PASSWORD


def session_cookie(context):
    return next((each for each in context.cookies() if each["name"] == "branch_coach"), None)


@pytest.fixture
def watched(page, browsed):
    """A tab that notes every error of a script and every request to elsewhere."""
    ours = (browsed.url, "data:", "blob:")
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith(ours) else page.faults.append(sent.url))
    page.on("console", lambda said: page.faults.append(said.text) if "Content Security Policy" in said.text else None)
    return page


def test_a_link_to_a_screen_leads_there_after_signing_in_and_after_a_reload(watched, browsed):
    sign_in(watched, browsed, path="/account")
    expect(watched.get_by_role("heading", name="My account")).to_be_visible()
    assert watched.url.endswith("/account")
    settled(watched.reload() and watched)
    expect(watched.get_by_role("heading", name="My account")).to_be_visible()
    assert watched.url.endswith("/account")
    assert watched.faults == []


def test_the_cookie_is_out_of_reach_of_scripts(page, browsed):
    sign_in(page, browsed)
    cookie = session_cookie(page.context)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["value"] not in page.evaluate("document.cookie")


def test_signing_out_in_one_tab_shows_the_form_in_the_other(page, browsed):
    sign_in(page, browsed, path="/account")
    other = page.context.new_page()
    other.goto(browsed.url + "/account")
    expect(other.get_by_role("heading", name="My account")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Branch Coach")).to_be_visible()
    other.get_by_text("简体中文").click()
    expect(other.get_by_role("textbox")).to_have_count(2)
    page.reload()
    expect(settled(page).get_by_role("heading", name="Branch Coach")).to_be_visible()
    assert session_cookie(page.context) is None


def test_a_wrong_password_says_so_and_keeps_the_form(page, browsed):
    page.goto(browsed.url)
    settled(page).get_by_role("textbox").nth(0).fill("boss")
    page.get_by_role("textbox").nth(1).fill("not the password")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    expect(page.get_by_text("The name or the password is wrong")).to_be_visible()
    assert session_cookie(page.context) is None


@pytest.mark.parametrize(
    ("locale", "heading", "code"), [("zh-CN", "网点辅导", "zh-CN"), ("de-DE", "Branch Coach", "en")]
)
def test_the_language_is_at_first_that_of_the_browser(new_context, browsed, locale, heading, code):
    tab = new_context(locale=locale).new_page()
    tab.goto(browsed.url)
    expect(settled(tab).get_by_role("heading", name=heading)).to_be_visible()
    expect(tab.locator("html")).to_have_attribute("lang", code)


def test_the_language_can_be_switched_before_signing_in(page, browsed):
    page.goto(browsed.url)
    settled(page).get_by_text("简体中文").click()
    expect(page.get_by_role("heading", name="网点辅导")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_an_account_made_on_the_screen_signs_in_once_and_chooses_its_password(page, new_context, browsed):
    sign_in(page, browsed, path="/users")
    page.get_by_role("textbox", name="User name").fill("fresh")
    page.get_by_role("button", name="Make the account").click()
    code = page.get_by_test_id("stCode").first
    expect(code).to_contain_text(re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}"))
    one_time = code.inner_text().split()[-1]
    tab = new_context().new_page()
    sign_in(tab, browsed, "fresh", one_time, path="/branches")
    expect(tab.get_by_text("Choose one of your own")).to_be_visible()
    tab.get_by_label("Present password").fill(one_time)
    tab.get_by_label("New password", exact=True).fill(PASSWORD)
    tab.get_by_label("New password once more").fill(PASSWORD)
    tab.get_by_role("button", name="Change the password").click()
    expect(tab.get_by_text("Choose one of your own")).to_have_count(0)
    expect(tab.get_by_test_id("stSidebarNavLink").first).to_be_visible()


def test_the_form_fits_a_phone(new_context, browsed):
    tab = new_context(viewport=PHONE, locale="zh-CN").new_page()
    tab.goto(browsed.url)
    settled(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box = tab.get_by_role("textbox").first.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
