"""The screens: one row each, in menu order, with the roles that may open it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.facts import Actor, UserRole
from core.language import Language
from pages.parts.session import PAGES, language, t

FOLDER = Path(__file__).parent.parent / "screens"
EVERYBODY = frozenset(UserRole)
FIELD = frozenset({UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR})
ADMINISTRATORS = frozenset({UserRole.ADMIN})


@dataclass(frozen=True)
class Screen:
    """A screen: its address and file name, who may open it, its picture in the menu."""

    name: str
    roles: frozenset[UserRole]
    icon: str


@dataclass(frozen=True)
class Registered:
    """The pages of a tab, for whom and in which language they were made; they are made anew for another one."""

    role: UserRole
    language: Language
    pages: Mapping[str, StreamlitPage]
    named: Mapping[str, StreamlitPage]
    """The same pages with the landing screen in the menu under its own name."""

    def marking(self, page: StreamlitPage) -> list[StreamlitPage] | None:
        """Return the pages whose menu marks the landing screen opened at its own name; None for any other page.

        The menu marks a page by its address alone. A page of another set is none of these: whoever has a password to
        change finds one page everywhere.
        """
        return list(self.named.values()) if self.pages.get(landing_of(self.role)) is page else None


SCREENS = (
    Screen("today", FIELD, ":material/wb_sunny:"),
    Screen("overview", EVERYBODY, ":material/dashboard:"),
    Screen("figures", EVERYBODY, ":material/query_stats:"),
    Screen("branches", FIELD, ":material/account_balance:"),
    Screen("branch", EVERYBODY, ":material/storefront:"),
    Screen("stage_review", FIELD, ":material/fact_check:"),
    Screen("cadence", EVERYBODY, ":material/event_repeat:"),
    Screen("coaching", EVERYBODY, ":material/school:"),
    Screen("notes", EVERYBODY, ":material/edit_note:"),
    Screen("survey", EVERYBODY, ":material/assignment:"),
    Screen("self_check", EVERYBODY, ":material/checklist:"),
    Screen("events", FIELD, ":material/celebration:"),
    Screen("steps", EVERYBODY, ":material/cycle:"),
    Screen("handover", FIELD, ":material/swap_horiz:"),
    Screen("week_plan", FIELD, ":material/edit_calendar:"),
    Screen("diagnosis", FIELD, ":material/troubleshoot:"),
    Screen("meeting", FIELD, ":material/co_present:"),
    Screen("pack", FIELD, ":material/slideshow:"),
    Screen("log_contact", FIELD, ":material/add_comment:"),
    Screen("import_data", FIELD, ":material/upload_file:"),
    Screen("audit", FIELD, ":material/history:"),
    Screen("how_it_decides", EVERYBODY, ":material/rule:"),
    Screen("threshold_lab", ADMINISTRATORS, ":material/science:"),
    Screen("users", ADMINISTRATORS, ":material/group:"),
    Screen("account", EVERYBODY, ":material/person:"),
)
START = "start"
"""Inner name of the page at the bare address; what stands there is the landing screen of the role."""


def landing_of(role: UserRole) -> str:
    """Return the screen that opens first: the day's list for a supervisor, the whole picture for the others."""
    return "today" if role is UserRole.SUPERVISOR else "overview"


def screen_titles() -> dict[str, str]:
    """Return the menu words by screen name."""
    return {
        "today": t("Today"),
        "overview": t("Overview"),
        "figures": t("Figures"),
        "branches": t("Branches"),
        "branch": t("Branch page"),
        "stage_review": t("Stage review"),
        "cadence": t("Cadence"),
        "coaching": t("Coaching"),
        "notes": t("Coaching notes"),
        "survey": t("Branch file"),
        "self_check": t("Self-check"),
        "events": t("Events"),
        "steps": t("Six steps"),
        "handover": t("Handover"),
        "week_plan": t("Week plan"),
        "diagnosis": t("Gap diagnosis"),
        "meeting": t("Weekly review"),
        "pack": t("Weekly pack"),
        "log_contact": t("Log a contact"),
        "import_data": t("Import"),
        "audit": t("Changes"),
        "how_it_decides": t("How it decides"),
        "threshold_lab": t("Threshold lab"),
        "users": t("Users"),
        "account": t("My account"),
    }


def screens_of(actor: Actor) -> list[Screen]:
    """Return the screens a user may open, in menu order."""
    return [screen for screen in SCREENS if actor.role in screen.roles]


def pages_of(actor: Actor) -> list[StreamlitPage]:
    """Return the pages to register for a user: exactly those he may open.

    The landing screen stands twice, at the bare address, where the menu leads, and hidden at its own name, so that
    a link to a screen is the same for everybody. Whoever has a password to change finds that page at every address.
    """
    if actor.must_change_password:
        return _one_page_everywhere("account", t("My account"))
    known = cast("Registered | None", st.session_state.get(PAGES))
    if known is None or (known.role, known.language) != (actor.role, language()):
        known = st.session_state[PAGES] = Registered(
            actor.role, language(), _made_for(actor, in_menu=START), _made_for(actor, in_menu=landing_of(actor.role))
        )
    return list(known.pages.values())


def pages_with(page: StreamlitPage) -> list[StreamlitPage] | None:
    """Return the pages to register instead, where the menu would not mark the open one; else None."""
    known = cast("Registered | None", st.session_state.get(PAGES))
    return known.marking(page) if known else None


def _made_for(actor: Actor, *, in_menu: str) -> dict[str, StreamlitPage]:
    """Return the pages by name; of the two of the landing screen the menu shows the one of this name."""
    titles, landing = screen_titles(), landing_of(actor.role)
    pages = {}
    for screen in screens_of(actor):
        for name in (START, landing) if screen.name == landing else (screen.name,):
            pages[name] = st.Page(
                FOLDER / f"{screen.name}.py",
                title=titles[screen.name],
                icon=screen.icon,
                url_path=name,
                default=name == START,
                visibility="hidden" if screen.name == landing and name != in_menu else "visible",
            )
    return pages


def pages_of_nobody() -> list[StreamlitPage]:
    """Return the pages of a visitor who is not signed in.

    The sign-in page stands at the address of every screen, so that a link to a screen leads there
    after signing in.
    """
    return _one_page_everywhere("sign_in", t("Sign in"))


def _one_page_everywhere(name: str, title: str) -> list[StreamlitPage]:
    path = FOLDER / f"{name}.py"
    others = [st.Page(path, title=title, url_path=screen.name, visibility="hidden") for screen in SCREENS]
    return [st.Page(path, title=title, url_path=START, default=True), *others]


def page_of(name: str) -> StreamlitPage:
    """Return the page of a screen as registered in this run: a link to it needs no look at the disk."""
    return cast("Registered", st.session_state[PAGES]).pages[name]


def open_screen(name: str, query: Mapping[str, str] | None = None) -> None:
    """Go to another screen, with its filters in the address: `open_screen("branch", {"branch": code})`."""
    st.switch_page(f"screens/{name}.py", query_params=dict(query or {}))
