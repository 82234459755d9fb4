"""The buttons that give the page about a branch for a visit on one A4: to print from the browser, and as PDF."""

import streamlit as st

from core.facts import Branch
from core.language.days import day_word
from core.reports.a4 import Part
from core.reports.branch_sheet import sheet_parts
from pages.parts.downloads import print_button
from pages.parts.session import current, language, t
from pages.parts.store.branch_sheet import sheet
from pages.parts.store.coaching import playbook


def show_branch_sheet(branch: Branch) -> None:
    """Draw the buttons; what the page says is asked on the click."""
    ask, said = current(), language()

    def parts() -> list[Part]:
        titles = {action.key: action.title(said) for action in playbook(ask)}
        return sheet_parts(sheet(ask, branch.branch_id), said, titles)

    place = " · ".join(part for part in (branch.branch_code, branch.bank, branch.region) if part)
    with st.container(horizontal=True, gap="small"):
        print_button(
            t("Sheet for a visit (A4)"),
            parts,
            title=t("Visit · {branch}", branch=branch.branch_name),
            note=f"{place} · {t('As of {day}', day=day_word(said, ask.today))}",
            file_name=f"visit_{branch.branch_code}_{ask.today:%Y%m%d}",
            key="branch_sheet",
            is_dense=True,
            with_pdf=True,
        )
